import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseStartArguments } from './platform/arguments.ts';
import { watchParent } from './platform/parent.ts';
import { type Platform, startPlatform } from './platform/platform.ts';
import { StartRefused } from './platform/taken.ts';

/** `npm start`: the whole of nearput on this machine. Exit 0: ended as asked · 1: refused or broken · 2: wrong arguments. */

/** An orderly end takes no longer, in milliseconds; then the process goes, and its children with it. */
const STOP_MS = 4_500;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let starting: Promise<Platform> | null = null;
let ending = false;

async function main(): Promise<void> {
  // npm runs scripts in the repository's folder and tells where the person was.
  const cwd = process.env['INIT_CWD'] ?? process.cwd();
  const parsed = parseStartArguments(process.argv.slice(2), { cwd, root });
  if (parsed.kind !== 'run') {
    (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
    process.exitCode = parsed.kind === 'help' ? 0 : 2;
    return;
  }
  watchParent(() => end(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => end(0));
  }
  process.on('uncaughtException', (error) => fail(error));
  starting = startPlatform(parsed.arguments, { root, died: (sentence) => fail(new StartRefused(sentence)) });
  try {
    const { url, notice } = await starting;
    if (ending) return;
    if (notice !== null) process.stderr.write(`${notice}\n`);
    process.stdout.write(`nearput is ready: ${url}\n`);
  } catch (error) {
    if (!ending) fail(error);
  }
}

function fail(error: unknown): void {
  if (ending) return; // what breaks while everything is being ended is no news
  if (error instanceof StartRefused) process.stderr.write(`${error.message}\n`);
  else console.error(error);
  end(1);
}

/** Ends once; a second wish to end does not wait. */
function end(code: number): void {
  if (ending) return;
  ending = true;
  setTimeout(() => process.exit(code), STOP_MS).unref();
  const stopped = starting?.then((platform) => platform.stop()) ?? Promise.resolve();
  stopped.then(
    () => process.exit(code),
    () => process.exit(code),
  );
}

await main();
