import { appendFileSync, mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROLL_BYTES = 20 * 1024 * 1024;

/** Opens the folder of the logs: a log that has grown large begins anew at a start, its predecessor is kept as `.1`. */
export function openLogs(folder: string): { readonly folder: string; write(line: string): void } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith('.log') && statSync(path).size > ROLL_BYTES) renameSync(path, `${path}.1`);
  }
  const own = join(folder, 'platform.log');
  return {
    folder,
    write(line) {
      appendFileSync(own, `${new Date().toISOString()} ${line.replaceAll('\n', ' ')}\n`, { mode: 0o600 });
    },
  };
}
