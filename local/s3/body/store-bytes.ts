import type { FileHandle } from 'node:fs/promises';
import type { Files } from '../store/files.ts';
import type { ChecksumAlgorithm } from '../store/records.ts';
import { createHasher } from './checksum.ts';

export type HashName = ChecksumAlgorithm | 'md5';

/** Bytes in a data file, with their hashes. */
export interface StoredBytes {
  /** Name of the data file. */
  readonly file: string;
  readonly size: number;
  /** The raw value of a hash that was asked for. */
  readonly hash: (name: HashName) => Buffer;
}

export interface StoreWish {
  readonly hashes: ReadonlySet<HashName>;
  /** Called with the size so far, before more is kept; throws to refuse. */
  readonly grow: (size: number) => void;
  /** Called when all bytes are there, before they count; throws to refuse. */
  readonly judge: (stored: StoredBytes) => void;
}

/**
 * Streams `source` into a new data file while hashing it, then waits for the disk. When anything throws, the file is
 * gone. Runs of zero bytes are left out of the file as holes, so that big sparse data takes no room.
 */
export async function storeBytes(files: Files, source: AsyncIterable<Buffer>, wish: StoreWish): Promise<StoredBytes> {
  const hashers = [...wish.hashes].map((name) => ({ name, hasher: createHasher(name) }));
  const { name: file, handle } = await files.create();
  let kept = false;
  try {
    let size = 0;
    let written = 0;
    for await (const chunk of source) {
      wish.grow(size + chunk.length);
      const writing = isZero(chunk) ? null : writeAll(handle, chunk, size);
      for (const { hasher } of hashers) hasher.update(chunk);
      size += chunk.length;
      if (!writing) continue;
      await writing;
      written = size;
    }
    if (written < size) await handle.truncate(size);
    const values = new Map<HashName, Buffer>();
    for (const { name, hasher } of hashers) values.set(name, await hasher.digest());
    const stored: StoredBytes = { file, size, hash: (name) => asked(values, name) };
    wish.judge(stored);
    await handle.datasync();
    kept = true;
    return stored;
  } finally {
    await handle.close();
    if (!kept) await files.remove(file);
  }
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

function asked(values: ReadonlyMap<HashName, Buffer>, name: HashName): Buffer {
  const value = values.get(name);
  if (!value) throw new Error(`${name} was not asked for`);
  return value;
}
