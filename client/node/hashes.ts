import { createHash } from 'node:crypto';
import type { Hashes } from '../hashes.ts';

const hashOf =
  (algorithm: 'sha256' | 'md5') =>
  async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
    const hash = createHash(algorithm);
    for await (const chunk of bytes) hash.update(chunk);
    return hash.digest('hex');
  };

/** Node's own hashes, computed while the bytes pass. */
export const nodeHashes: Required<Hashes> = { sha256: hashOf('sha256'), md5: hashOf('md5') };
