import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseStopArguments } from './platform/arguments.ts';
import { findHolder } from './platform/lock.ts';
import { isRunning } from './platform/process-identity.ts';

/** `npm stop`: ends the platform on a data folder. Exit 0: it does not run (any more) · 1: it did not end · 2: wrong arguments. */

const LIMIT_MS = 10_000;

async function stop(data: string): Promise<void> {
  const holder = findHolder(data);
  if (!holder) {
    process.stdout.write(`nothing runs on ${data}\n`);
    return;
  }
  process.kill(holder.pid, 'SIGTERM');
  const until = Date.now() + LIMIT_MS;
  while (isRunning(holder)) {
    if (Date.now() > until) {
      process.stderr.write(`process ${holder.pid} on ${data} did not end within ${LIMIT_MS / 1000} seconds\n`);
      process.exitCode = 1;
      return;
    }
    await sleep(50);
  }
  process.stdout.write(`stopped (process ${holder.pid} on ${data})\n`);
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const parsed = parseStopArguments(process.argv.slice(2), { cwd: process.env['INIT_CWD'] ?? process.cwd(), root });
if (parsed.kind === 'run') {
  await stop(parsed.arguments.data);
} else {
  (parsed.kind === 'help' ? process.stdout : process.stderr).write(parsed.text);
  process.exitCode = parsed.kind === 'help' ? 0 : 2;
}
