import { type FileHandle, open } from 'node:fs/promises';

/** A data file, open for reading, wherever its bytes are. */
export interface OpenFile {
  /** Bytes `start` to `end` (inclusive) at once; rejects when they are not all there. */
  read(start: number, end: number): Promise<Buffer>;
  /** The same in chunks. */
  stream(start: number, end: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** Bytes of one chunk of a stream. */
const CHUNK_BYTES = 262_144;

/** Opens a file of the folder. */
export async function openStored(path: string): Promise<OpenFile> {
  const handle = await open(path, 'r');
  return {
    read: (start, end) => readAt(handle, start, end),
    stream: (start, end) => handle.createReadStream({ start, end, autoClose: false, highWaterMark: CHUNK_BYTES }),
    close: () => handle.close(),
  };
}

/** Bytes that are in memory, to be read as a file. */
export function openSmall(bytes: Buffer): OpenFile {
  const read = async (start: number, end: number): Promise<Buffer> => whole(bytes.subarray(start, end + 1), start, end);
  return {
    read,
    async *stream(start, end) {
      yield await read(start, end);
    },
    close: async () => {},
  };
}

async function readAt(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start + 1);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
  return whole(bytes.subarray(0, bytesRead), start, end);
}

function whole(bytes: Buffer, start: number, end: number): Buffer {
  const missing = end - start + 1 - bytes.length;
  if (missing > 0) throw new Error(`a data file lacks ${missing} bytes of its record`);
  return bytes;
}
