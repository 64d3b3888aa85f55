import { collect, hexOf, sha256Of } from './bytes.ts';

/** Hashes a platform can compute; each takes the bytes and their number, and gives lower-case hex. */
export type Hashes = {
  readonly sha256: (bytes: AsyncIterable<Uint8Array>, size: number) => Promise<string>;
  /** S3's ETag of a part, where the platform has MD5. Browsers have not. */
  readonly md5?: (bytes: AsyncIterable<Uint8Array>, size: number) => Promise<string>;
};

/** Hashes by WebCrypto, which every platform has. It takes all bytes at once, so they are held in memory. */
export const webHashes: Hashes = {
  sha256: async (bytes, size) => hexOf(await sha256Of(await collect(bytes, size))),
};
