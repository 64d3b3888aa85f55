import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import mime from 'mime';
import { ContentError } from '../errors.ts';
import type { UploadSource } from '../source.ts';

const CHUNK_BYTES = 524_288;
/** Bytes at each end of a file that its fingerprint covers. */
const FINGERPRINT_BYTES = 65_536;
const FALLBACK_TYPE = 'application/octet-stream';

const changed = (path: string): ContentError => new ContentError(`${path} changed while it was read; upload it again`);

/** Buffers nobody reads into now. They are used again and again, so memory stays the same however many bytes pass. */
const idleBuffers: Buffer[] = [];

const readRange = async function* (path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  const buffer = idleBuffers.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  try {
    for (let position = start; position < end; ) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end - position), position);
      if (bytesRead === 0) throw changed(path);
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    // Whoever read to the end is done with the last chunk; one that stopped in the middle may still hold it.
    idleBuffers.push(buffer);
  } finally {
    await file.close();
  }
};

const readAt = async (file: FileHandle, position: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
};

const fingerprintOf = async (path: string): Promise<string> => {
  const file = await open(path);
  try {
    const { size, mtimeNs } = await file.stat({ bigint: true });
    const bytes = Number(size);
    const tailStart = Math.max(0, bytes - FINGERPRINT_BYTES);
    return createHash('sha256')
      .update(JSON.stringify([await realpath(path), bytes, String(mtimeNs)]))
      .update(await readAt(file, 0, Math.min(bytes, FINGERPRINT_BYTES)))
      .update(await readAt(file, tailStart, bytes - tailStart))
      .digest('hex');
  } finally {
    await file.close();
  }
};

/** A file as an upload source. Size and time of change are taken once; a file that changes after that is refused. */
export const fileSource = async (
  path: string,
  given: { readonly name?: string | undefined; readonly type?: string | undefined } = {},
): Promise<UploadSource> => {
  const stats = await stat(path);
  if (!stats.isFile()) throw new ContentError(`${path} is not a regular file`);
  const { size, mtimeMs } = stats;
  const check = async () => {
    const now = await stat(path);
    if (now.size !== size || now.mtimeMs !== mtimeMs) throw changed(path);
  };
  return {
    name: given.name ?? basename(path),
    size,
    type: given.type ?? mime.getType(path) ?? FALLBACK_TYPE,
    open: async function* (start = 0, end = size) {
      await check();
      yield* readRange(path, start, end);
      await check();
    },
    fingerprint: () => fingerprintOf(path),
  };
};
