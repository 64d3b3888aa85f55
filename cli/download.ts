import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withCrc64 } from '../client/checksum.ts';
import { ContentError, StorageError } from '../client/errors.ts';
import type { UploadRecordWithDownload } from '../core/contract/records.ts';

export type DownloadTarget = {
  readonly path: string;
  /** Whether a file that is already there may be replaced. */
  readonly replace: boolean;
};

type Tally = { length: number; sha256: string; crc64nvme: string };

const EMPTY_CRC64 = 'AAAAAAAAAAA=';

const request = async (url: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> => {
  const answer = await fetch(url, { signal, redirect: 'error' });
  if (answer.status !== 200 || answer.body === null) {
    const text = (await answer.text()).slice(0, 2_000);
    const code = /<Code>([^<]*)<\/Code>/.exec(text)?.[1] ?? 'unknown';
    throw new StorageError(
      answer.status,
      code,
      'the download was refused',
      answer.headers.get('x-amz-request-id') ?? '',
    );
  }
  return answer.body;
};

/** Counts and hashes what passes; `tally` is complete when the bytes have ended. */
const measured = (bytes: AsyncIterable<Uint8Array>, onProgress: (received: number) => void) => {
  const sha256 = createHash('sha256');
  const crc = withCrc64(bytes);
  let length = 0;
  const pass = async function* () {
    for await (const chunk of crc.bytes) {
      sha256.update(chunk);
      length += chunk.length;
      onProgress(length);
      yield chunk;
    }
  };
  const tally = async (): Promise<Tally> => ({
    length,
    sha256: sha256.digest('hex'),
    crc64nvme: length === 0 ? EMPTY_CRC64 : await crc.digest(),
  });
  return { bytes: pass(), tally };
};

const compare = (record: UploadRecordWithDownload, tally: Tally): void => {
  const wanted = { length: record.size, sha256: record.sha256, crc64nvme: record.checksums['crc64nvme'] ?? null };
  for (const name of ['length', 'sha256', 'crc64nvme'] as const) {
    if (wanted[name] !== null && wanted[name] !== tally[name]) {
      throw new ContentError(
        `the bytes that came have ${name} ${tally[name]}, the record says ${wanted[name]}; nothing was kept`,
      );
    }
  }
};

const settle = async (path: string): Promise<void> => {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/** A link, unlike a rename, refuses a name that somebody took in the meantime. */
const place = async (from: string, target: DownloadTarget): Promise<void> => {
  if (target.replace) {
    await rename(from, target.path);
    return;
  }
  try {
    await link(from, target.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST')
      throw new ContentError(`${target.path} exists; choose another name with -o FILE`);
    throw error;
  }
  await rm(from);
};

/** Brings the bytes to disk under a temporary name, checks size and checksum, and only then gives them their name. */
export const downloadToFile = async (
  record: UploadRecordWithDownload,
  target: DownloadTarget,
  options: { readonly signal: AbortSignal; readonly onProgress: (received: number) => void },
): Promise<void> => {
  if (record.download === null) throw new ContentError(`the upload is ${record.state}; there is nothing to download`);
  const temporary = join(dirname(target.path), `.${basename(target.path).slice(0, 100)}.${randomUUID()}.part`);
  try {
    const { bytes, tally } = measured(await request(record.download.url, options.signal), options.onProgress);
    await pipeline(bytes, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }), { signal: options.signal });
    compare(record, await tally());
    await settle(temporary);
    await place(temporary, target);
  } finally {
    await rm(temporary, { force: true });
  }
};

/** Writes the bytes to a stream as they come; throws at the end if they differ from the record. */
export const downloadToStream = async (
  record: UploadRecordWithDownload,
  stream: NodeJS.WritableStream,
  signal: AbortSignal,
): Promise<void> => {
  if (record.download === null) throw new ContentError(`the upload is ${record.state}; there is nothing to download`);
  const { bytes, tally } = measured(await request(record.download.url, signal), () => undefined);
  await pipeline(bytes, stream, { signal, end: false });
  compare(record, await tally());
};
