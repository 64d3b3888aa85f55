import { Crc64Nvme } from '@aws-sdk/crc64-nvme';
import { base64Of } from './bytes.ts';
import { ContentError } from './errors.ts';

/** Passes bytes on and keeps their CRC64NVME, the checksum S3 computes for every object that has no other. */
export const withCrc64 = (
  source: AsyncIterable<Uint8Array>,
): { readonly bytes: AsyncIterable<Uint8Array>; readonly digest: () => Promise<string> } => {
  const crc = new Crc64Nvme();
  const pass = async function* () {
    for await (const chunk of source) {
      crc.update(chunk);
      yield chunk;
    }
  };
  return { bytes: pass(), digest: async () => base64Of(await crc.digest()) };
};

/** CRC64NVME of all bytes as S3 writes it: base64 of eight bytes. */
export const crc64Of = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const { bytes, digest } = withCrc64(source);
  for await (const _ of bytes);
  return digest();
};

/** Passes bytes on and throws `ContentError` unless they are exactly `size`. */
export const exactly = async function* (source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let read = 0;
  for await (const chunk of source) {
    read += chunk.length;
    if (read > size) break;
    yield chunk;
  }
  if (read !== size) throw new ContentError('the file changed while it was read; upload it again');
};
