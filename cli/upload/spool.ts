import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '../exit.ts';
import { reasonInWords } from '../file-error.ts';
import { formatBytes } from '../output.ts';

/** Most bytes taken from standard input unless said (16 GiB). */
export const STDIN_MAX_BYTES = 16 * 1_073_741_824;

/** A copy of a stream on disk. */
export type Spool = { readonly path: string; readonly size: number; readonly remove: () => Promise<void> };

const bounded = async function* (source: AsyncIterable<Buffer>, limit: number): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of source) {
    length += chunk.length;
    if (length > limit)
      throw new UsageError(`standard input has more than ${formatBytes(limit)}; raise --stdin-limit, or upload a file`);
    yield chunk;
  }
};

const makeFolder = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), 'nearput-stdin-'));
  } catch (error) {
    throw new UsageError(
      `standard input cannot be kept first where it must (${reasonInWords(error)}); set TMPDIR to a folder that can be written`,
    );
  }
};

/** Brings a stream of unknown length to a temporary file of its own, because a grant names the exact size. Throws `UsageError` past `limit` bytes. */
export const spool = async (stream: AsyncIterable<Buffer>, limit: number, signal: AbortSignal): Promise<Spool> => {
  const folder = await makeFolder();
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'stdin');
  try {
    await pipeline(bounded(stream, limit), createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
    return { path, size: (await stat(path)).size, remove };
  } catch (error) {
    await remove();
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
      throw new UsageError(`${tmpdir()} is full: standard input is kept there first; set TMPDIR to a larger place`);
    throw error;
  }
};
