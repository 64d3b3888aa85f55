import type { Files } from '../store/files.ts';
import { createNewFile } from '../store/new-file.ts';
import type { ChecksumAlgorithm } from '../store/records.ts';
import { createHasher } from './checksum.ts';

export type HashName = ChecksumAlgorithm | 'md5';

/** Size and hashes of bytes that are all there. */
export interface HashedBytes {
  readonly size: number;
  /** The raw value of a hash that was asked for. */
  readonly hash: (name: HashName) => Buffer;
}

/** Bytes in a data file, with their hashes. */
export interface StoredBytes extends HashedBytes {
  /** Name of the data file. */
  readonly file: string;
}

export interface StoreWish {
  readonly hashes: ReadonlySet<HashName>;
  /** Called with the size so far, before more is kept; throws to refuse. */
  readonly grow: (size: number) => void;
  /** Called when all bytes are there, before they count; throws to refuse. */
  readonly judge: (bytes: HashedBytes) => void;
}

/** Streams `source` into a new data file while hashing it. When anything throws, the file is gone. */
export async function storeBytes(files: Files, source: AsyncIterable<Buffer>, wish: StoreWish): Promise<StoredBytes> {
  const hashers = [...wish.hashes].map((name) => ({ name, hasher: createHasher(name) }));
  const fresh = createNewFile(files);
  try {
    let size = 0;
    for await (const chunk of source) {
      wish.grow(size + chunk.length);
      const writing = fresh.write(chunk);
      for (const { hasher } of hashers) hasher.update(chunk);
      size += chunk.length;
      await writing;
    }
    const values = new Map<HashName, Buffer>();
    for (const { name, hasher } of hashers) values.set(name, await hasher.digest());
    const hashed: HashedBytes = { size, hash: (name) => asked(values, name) };
    wish.judge(hashed);
    return { file: await fresh.finish(), ...hashed };
  } catch (error) {
    await fresh.discard();
    throw error;
  }
}

function asked(values: ReadonlyMap<HashName, Buffer>, name: HashName): Buffer {
  const value = values.get(name);
  if (!value) throw new Error(`${name} was not asked for`);
  return value;
}
