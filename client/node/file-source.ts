import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import mime from 'mime';
import { ContentError } from '../errors.ts';
import type { UploadSource } from '../source.ts';

const CHUNK_BYTES = 262_144;
const FALLBACK_TYPE = 'application/octet-stream';

/** A file as an upload source. The size is taken once; a file that grows or shrinks while it is read is refused. */
export const fileSource = async (
  path: string,
  given: { readonly name?: string | undefined; readonly type?: string | undefined } = {},
): Promise<UploadSource> => {
  const stats = await stat(path);
  if (!stats.isFile()) throw new ContentError(`${path} is not a regular file`);
  const { size } = stats;
  const open = async function* () {
    let read = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
      read += chunk.length;
      if (read > size) break;
      yield chunk;
    }
    if (read !== size) throw new ContentError(`${path} changed while it was read; upload it again`);
  };
  return { name: given.name ?? basename(path), size, type: given.type ?? mime.getType(path) ?? FALLBACK_TYPE, open };
};
