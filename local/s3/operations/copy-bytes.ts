import { type HashName, storeBytes } from '../body/store-bytes.ts';
import { fault } from '../errors.ts';
import { bytesOf, readBytes } from '../http/byte-source.ts';
import type { Call } from '../http/call.ts';
import type { Checksum, ChecksumAlgorithm, ObjectVersion } from '../store/records.ts';

/** Bytes one copy makes an object or a part of (5 GiB). Source: Amazon S3 API reference, CopyObject and UploadPartCopy. */
const COPY_MAX_BYTES = 5 * 1024 ** 3;

/** A data file of its own; `etag` is its MD5. */
export interface CopiedBytes {
  readonly file: string;
  readonly size: number;
  readonly etag: string;
  readonly checksum: Checksum;
}

/** Bytes `start` to `end` (inclusive) of a version, in a file of their own. */
export async function copyBytes(
  { store: { files } }: Pick<Call, 'store'>,
  version: ObjectVersion,
  algorithm: ChecksumAlgorithm,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<CopiedBytes> {
  if (end - start >= COPY_MAX_BYTES) {
    throw fault('InvalidRequest', {
      message: `The specified copy source is larger than the maximum allowable size for a copy source: ${COPY_MAX_BYTES}`,
    });
  }
  const source = bytesOf(files, version, start, end);
  try {
    const { file, size, hash } = await storeBytes(files, readBytes(source), {
      hashes: new Set<HashName>(['md5', algorithm]),
      grow: () => {},
      judge: ({ size: copied }) => {
        if (copied !== source.length) throw new Error(`a copy has ${copied} of ${source.length} bytes`);
      },
    });
    const checksum = { algorithm, value: hash(algorithm).toString('base64') };
    return { file, size, etag: hash('md5').toString('hex'), checksum };
  } finally {
    await source.release();
  }
}
