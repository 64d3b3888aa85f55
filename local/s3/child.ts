import type { S3Command, S3Report } from './options.ts';
import { type S3, startS3 } from './start.ts';

/**
 * The S3 process. Its parent forks it, sends `start`, and hears `ready` or `failed`. It ends on `stop`, and within a
 * second when the parent is gone.
 */

let running: S3 | null = null;

/** How long an orderly end may take, in milliseconds. */
const STOP_MS = 3_000;
/** How long it may go on after its parent is gone, in milliseconds. */
const ORPHAN_MS = 800;

function report(message: S3Report): void {
  if (process.connected) process.send?.(message);
}

function end(withinMs: number): void {
  setTimeout(() => process.exit(), withinMs).unref();
  const closing = running ? running.close() : Promise.resolve();
  closing.then(
    () => process.exit(),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

async function handle(command: S3Command): Promise<void> {
  switch (command.type) {
    case 'start':
      running = await startS3(command.options);
      report({ type: 'ready', regions: running.regions });
      return;
    case 'clock':
      running?.setClock(command.offsetSeconds);
      return;
    case 'credentials':
      running?.setCredentials(command.credentials);
      return;
    case 'fault':
      running?.addFault(command.rule);
      return;
    case 'clear-faults':
      running?.clearFaults();
      return;
    case 'zero-parts':
      await running?.putZeroParts(command.region, command.parts);
      return;
    case 'events':
      running?.configureEvents(command.change);
      return;
    case 'stats':
      report({ type: 'stats', id: command.id, stats: running?.stats() ?? {} });
      return;
    case 'stop':
      end(STOP_MS);
      return;
  }
}

process.on('message', (message) => {
  const command = message as S3Command;
  handle(command).catch((error: unknown) => {
    console.error(error);
    if (command.type !== 'start') return; // what was wished for cannot be done; the rest goes on
    report({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exitCode = 1;
    process.disconnect?.();
  });
});
process.on('disconnect', () => end(ORPHAN_MS));
// A terminal sends these to the whole group; the parent decides when this process ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => end(STOP_MS));
