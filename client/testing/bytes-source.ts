import type { UploadSource } from '../source.ts';

/** Bytes in memory as a source, in chunks of 4; each chunk's memory is used again for the next one. */
export const bytesSource = (
  bytes: Uint8Array,
  fingerprint = 'same',
): UploadSource & { readonly reads: () => number } => {
  let reads = 0;
  return {
    name: 'bytes.bin',
    size: bytes.length,
    type: 'application/octet-stream',
    open: async function* (start = 0, end = bytes.length) {
      const own = new Uint8Array(4);
      for (let position = start; position < end; position += own.length) {
        const piece = bytes.subarray(position, Math.min(end, position + own.length));
        own.set(piece);
        reads += piece.length;
        yield own.subarray(0, piece.length);
        own.fill(0xee);
      }
    },
    fingerprint: async () => fingerprint,
    reads: () => reads,
  };
};
