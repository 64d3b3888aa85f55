import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type OpenFile, openSmall, openStored } from './open-file.ts';
import { randomFileName, type SmallFiles } from './small-files.ts';

/** Data files: one for each version or part, with a random name, in one folder or, when small, in the log. */
export interface Files {
  /** A new file in the folder, open for writing. It counts for nothing until the log names it. */
  create(): Promise<{ readonly name: string; readonly handle: FileHandle }>;
  /** A new small file; null when it has to be one in the folder. The line of the log that names it brings its bytes. */
  keep(bytes: Buffer): string | null;
  open(name: string): Promise<OpenFile>;
  /** Removes a file, at once or when nobody holds it any more; one that is gone already is fine. */
  remove(name: string): Promise<void>;
  /** Keeps files readable until what it gives back is called, even when they are removed meanwhile. */
  hold(names: readonly string[]): () => Promise<void>;
  /** Makes the names of all files created so far durable. */
  syncNames(): Promise<void>;
  close(): Promise<void>;
}

/** Opens the folder and removes every file in it that `keep` does not name: what a killed process left behind. */
export async function openFiles(folder: string, keep: ReadonlySet<string>, small: SmallFiles): Promise<Files> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (!keep.has(name)) await unlink(join(folder, name));
  const directory = await open(folder, 'r');
  const held = new Map<string, { holders: number; doomed: boolean }>();
  let unsynced = false;

  async function discard(name: string): Promise<void> {
    if (small.remove(name)) return;
    try {
      await unlink(join(folder, name));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async function letGo(name: string): Promise<void> {
    const hold = held.get(name);
    if (!hold) return;
    hold.holders -= 1;
    if (hold.holders > 0) return;
    held.delete(name);
    if (hold.doomed) await discard(name);
  }

  return {
    async create() {
      const name = randomFileName();
      const handle = await open(join(folder, name), 'wx', 0o600);
      unsynced = true;
      return { name, handle };
    },
    keep: small.add,
    async open(name) {
      const bytes = small.read(name);
      return bytes ? openSmall(bytes) : openStored(join(folder, name));
    },
    async remove(name) {
      const hold = held.get(name);
      if (hold) hold.doomed = true;
      else await discard(name);
    },
    hold(names) {
      for (const name of names) {
        const hold = held.get(name);
        if (hold) hold.holders += 1;
        else held.set(name, { holders: 1, doomed: false });
      }
      let left = names;
      return async () => {
        const mine = left;
        left = [];
        for (const name of mine) await letGo(name);
      };
    },
    async syncNames() {
      if (!unsynced) return;
      unsynced = false;
      await directory.sync();
    },
    close: () => directory.close(),
  };
}

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
