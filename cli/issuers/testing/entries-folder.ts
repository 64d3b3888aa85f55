import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of entries under the system's temporary folder; `write` replaces all of them. */
export const entriesFolder = (): {
  readonly path: string;
  write(...entries: readonly { readonly id: string; readonly [member: string]: unknown }[]): void;
  remove(): void;
} => {
  const path = mkdtempSync(join(tmpdir(), 'nearput-entries-'));
  const written = new Set<string>();
  return {
    path,
    write: (...entries) => {
      for (const file of written) rmSync(file);
      written.clear();
      for (const entry of entries) {
        const file = join(path, `${entry.id}.json`);
        writeFileSync(file, JSON.stringify(entry));
        written.add(file);
      }
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
};
