import { createHasher, type Hasher } from '../body/checksum.ts';
import type { Entry, Part } from './records.ts';
import type { Store } from './store.ts';
import { findUpload } from './uploads.ts';
import { wholeSeconds } from './write.ts';

/** Parts to be made up: numbers 1 to `count`, each of `size` zero bytes. */
export interface ZeroParts {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly count: number;
  readonly size: number;
}

const BATCH = 500;
const CHUNK = Buffer.alloc(1024 ** 2);

/**
 * Puts parts of zero bytes into an open upload as if they had been sent, with true ETags and checksums, without taking
 * room on the disk or time on the wire: so that objects of any size can be tried on one machine.
 */
export async function putZeroParts(store: Store, wish: ZeroParts, now: number): Promise<void> {
  const { bucket, key, uploadId, count, size } = wish;
  const { upload, lock } = findUpload(store, bucket, key, uploadId).state;
  const { algorithm } = upload.checksum;
  const [md5, checksum] = await hashZeros([createHasher('md5'), createHasher(algorithm)], size);
  const like = {
    size,
    etag: md5?.toString('hex') ?? '',
    checksum: { algorithm, value: checksum?.toString('base64') ?? '' },
    lastModified: wholeSeconds(now),
  };
  for (let first = 1; first <= count; first += BATCH) {
    const entries: Entry[] = [];
    for (let number = first; number < Math.min(first + BATCH, count + 1); number++) {
      const part: Part = { number, file: await createHole(store, size), ...like };
      entries.push({ op: 'part', bucket, uploadId, part });
    }
    await lock.shared(() => store.commit(entries));
  }
}

async function createHole({ files }: Store, size: number): Promise<string> {
  const { name, handle } = await files.create();
  try {
    await handle.truncate(size);
  } finally {
    await handle.close();
  }
  return name;
}

async function hashZeros(hashers: readonly Hasher[], size: number): Promise<Buffer[]> {
  for (let left = size; left > 0; left -= CHUNK.length) {
    for (const hasher of hashers) hasher.update(left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK);
    await new Promise<void>((resolve) => setImmediate(resolve)); // others have their turn
  }
  return Promise.all(hashers.map((hasher) => hasher.digest()));
}
