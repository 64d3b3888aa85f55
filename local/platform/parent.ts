import { identify, isCommandShell, isRunning, type ProcessIdentity, parentOf } from './process-identity.ts';

const CHECK_MS = 500;

/**
 * Calls `gone` once when the process that started this one has ended. npm hands no SIGTERM on, so this is how the platform
 * notices that npm was ended; when a shell stands between (`sh -c`), the shell's own parent is watched too. A process
 * that was started without a parent (by init) has none to lose.
 */
export function watchParent(gone: () => void): { stop(): void } {
  const parent = process.ppid;
  if (parent <= 1) return { stop: () => undefined };
  const above = grandparent(parent);
  const timer = setInterval(() => {
    if (process.ppid === parent && (above === undefined || isRunning(above))) return;
    clearInterval(timer);
    gone();
  }, CHECK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function grandparent(parent: number): ProcessIdentity | undefined {
  const above = isCommandShell(parent) ? parentOf(parent) : undefined;
  return above === undefined || above <= 1 ? undefined : identify(above);
}
