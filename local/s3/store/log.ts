import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { isMissing } from './files.ts';
import type { Entry } from './records.ts';

/** An append-only file of JSON lines, each a list of facts that hold together. */
export interface Log {
  /**
   * Adds a line. `apply` runs as soon as the line is on the disk, in the order of the calls; the promise resolves after
   * it. Lines that wait together share one write and one fsync.
   */
  append(entries: readonly Entry[], apply: () => void): Promise<void>;
  /** Writes what waits, then closes the file. */
  close(): Promise<void>;
}

interface Waiting {
  readonly line: string;
  readonly apply: () => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads every whole line of `path` and gives its facts to `apply`; a torn last line (the process died while writing
 * it, so nobody was told) is cut off. Throws when a line before it is not JSON. Resolves to the number of lines.
 */
export async function replayLog(path: string, apply: (entry: Entry) => void): Promise<number> {
  const size = await goodLength(path);
  if (size === 0) return 0;
  let lines = 0;
  const input = createInterface({
    input: createReadStream(path, { end: size - 1 }),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of input) {
    lines += 1;
    for (const entry of JSON.parse(line) as Entry[]) apply(entry);
  }
  return lines;
}

/** Cuts the file behind its last line feed; 0 when there is no file. */
async function goodLength(path: string): Promise<number> {
  let file: FileHandle;
  try {
    file = await open(path, 'r+');
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
  try {
    const { size } = await file.stat();
    const block = Buffer.alloc(65_536);
    for (let end = size; end > 0; ) {
      const start = Math.max(0, end - block.length);
      const { bytesRead } = await file.read(block, 0, end - start, start);
      const feed = block.subarray(0, bytesRead).lastIndexOf(0x0a);
      if (feed >= 0) {
        const good = start + feed + 1;
        if (good < size) await file.truncate(good);
        return good;
      }
      end = start;
    }
    await file.truncate(0);
    return 0;
  } finally {
    await file.close();
  }
}

/** Replaces the log by one that says the same in fewer lines; after a crash there is the old one or the new one. */
export async function rewriteLog(path: string, lines: Iterable<readonly Entry[]>): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    let text = '';
    for (const entries of lines) {
      text += `${JSON.stringify(entries)}\n`;
      if (text.length < 1_000_000) continue;
      await file.write(text);
      text = '';
    }
    await file.write(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
}

/** Opens `path` for appending; `beforeCommit` runs before each write, for what has to be on the disk first. */
export async function openLog(path: string, beforeCommit: () => Promise<void>): Promise<Log> {
  const file = await open(path, 'a', 0o600);
  let waiting: Waiting[] = [];
  let running: Promise<void> | null = null;
  let broken: unknown = null;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        if (broken) throw broken;
        await beforeCommit();
        await file.appendFile(batch.map(({ line }) => line).join(''));
        await file.datasync();
      } catch (error) {
        broken = error; // what is on the disk now is unknown: nothing may be added behind it
        for (const { reject } of batch) reject(error);
        continue;
      }
      for (const { apply, resolve } of batch) {
        apply();
        resolve();
      }
    }
    running = null;
  }

  return {
    append: (entries, apply) =>
      new Promise<void>((resolve, reject) => {
        waiting.push({ line: `${JSON.stringify(entries)}\n`, apply, resolve, reject });
        running ??= drain();
      }),
    async close() {
      while (running) await running;
      await file.close();
    },
  };
}
