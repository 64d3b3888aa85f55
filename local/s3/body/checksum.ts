import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsCrc32c } from '@aws-crypto/crc32c';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '../store/records.ts';
import { createCrc64 } from './crc64-nvme.ts';

/** A running checksum. */
export interface Hasher {
  update(chunk: Buffer): void;
  /** The raw value; to be asked once. */
  digest(): Promise<Buffer>;
}

/** Length of each algorithm's value, in bytes. */
const VALUE_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  crc32: 4,
  crc32c: 4,
  crc64nvme: 8,
  sha1: 20,
  sha256: 32,
};

/** A hasher for MD5 or one of S3's checksums. */
export function createHasher(algorithm: ChecksumAlgorithm | 'md5'): Hasher {
  switch (algorithm) {
    case 'md5':
    case 'sha1':
    case 'sha256': {
      const hash = createHash(algorithm);
      return { update: (chunk) => void hash.update(chunk), digest: async () => hash.digest() };
    }
    case 'crc32': {
      let value = 0;
      return {
        update(chunk) {
          value = crc32(chunk, value);
        },
        async digest() {
          const bytes = Buffer.alloc(4);
          bytes.writeUInt32BE(value);
          return bytes;
        },
      };
    }
    case 'crc32c': {
      const crc = new AwsCrc32c();
      return { update: (chunk) => crc.update(chunk), digest: async () => Buffer.from(await crc.digest()) };
    }
    case 'crc64nvme': {
      const crc = createCrc64();
      return { update: crc.update, digest: async () => crc.digest() };
    }
  }
}

/** The algorithm behind `x-amz-checksum-{name}` or S3's upper-case name for it. */
export function checksumAlgorithm(name: string): ChecksumAlgorithm | undefined {
  const lower = name.toLowerCase();
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === lower);
}

/** Whether `value` is canonical base64 of a value of this algorithm. */
export function isChecksumValue(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === VALUE_BYTES[algorithm] && bytes.toString('base64') === value;
}
