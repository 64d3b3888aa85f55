import type { FileHandle } from 'node:fs/promises';
import type { Files } from './files.ts';
import { SMALL_MAX_BYTES } from './small-files.ts';

/** A data file in the making. One call at a time; `finish` or `discard` ends it. */
export interface NewFile {
  write(chunk: Buffer): Promise<void>;
  /** Its name, once its bytes are on the disk, or are so few that they go there with the line of the log that names it. */
  finish(): Promise<string>;
  /** Nothing is left of it. */
  discard(): Promise<void>;
}

/** A new data file: in memory as long as it is small, in the folder from then on. */
export function createNewFile(files: Files): NewFile {
  let held: Buffer[] = [];
  let size = 0;
  let stored: NewFile | null = null;

  async function moveToFolder(): Promise<NewFile> {
    stored = await createStored(files);
    for (const chunk of held) await stored.write(chunk);
    held = [];
    return stored;
  }

  return {
    async write(chunk) {
      size += chunk.length;
      if (size <= SMALL_MAX_BYTES) held.push(chunk);
      else await (stored ?? (await moveToFolder())).write(chunk);
    },
    async finish() {
      const small = stored ? null : files.keep(Buffer.concat(held));
      return small ?? (stored ?? (await moveToFolder())).finish();
    },
    async discard() {
      await stored?.discard();
    },
  };
}

/** One in the folder. Runs of zero bytes are left out of it as holes, so that big sparse data takes no room. */
async function createStored(files: Files): Promise<NewFile> {
  const { name, handle } = await files.create();
  let size = 0;
  let written = 0;
  return {
    async write(chunk) {
      const position = size;
      size += chunk.length;
      if (isZero(chunk)) return;
      await writeAll(handle, chunk, position);
      written = size;
    },
    async finish() {
      if (written < size) await handle.truncate(size);
      await handle.datasync();
      await handle.close();
      return name;
    },
    async discard() {
      await handle.close();
      await files.remove(name);
    },
  };
}

async function writeAll(handle: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

const ZEROS = Buffer.alloc(65_536);

function isZero(chunk: Buffer): boolean {
  if (chunk[0] !== 0) return chunk.length === 0;
  for (let at = 0; at < chunk.length; at += ZEROS.length) {
    const piece = chunk.subarray(at, at + ZEROS.length);
    if (!piece.equals(ZEROS.subarray(0, piece.length))) return false;
  }
  return true;
}
