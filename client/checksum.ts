import { Crc64Nvme } from '@aws-sdk/crc64-nvme';

const base64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

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
  return { bytes: pass(), digest: async () => base64(await crc.digest()) };
};

/** CRC64NVME of all bytes as S3 writes it: base64 of eight bytes. */
export const crc64Of = async (source: AsyncIterable<Uint8Array>): Promise<string> => {
  const { bytes, digest } = withCrc64(source);
  let total = 0;
  for await (const chunk of bytes) total += chunk.length;
  return total === 0 ? EMPTY_CRC64 : digest();
};

/** CRC64NVME of no bytes. */
const EMPTY_CRC64 = 'AAAAAAAAAAA=';
