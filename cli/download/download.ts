import { type FileHandle, link, rename, rm, stat } from 'node:fs/promises';
import { ContentError } from '../../client/errors.ts';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';
import { type ContentCheck, createContentCheck } from './content-check.ts';
import { openPartial, type PartialFile } from './partial-file.ts';

export type DownloadSource = {
  readonly record: UploadRecordWithDownload;
  /** Its bytes from a position on. */
  readonly read: (start: number) => AsyncIterable<Uint8Array>;
};

export type DownloadTarget = {
  readonly path: string;
  /** Whether a file that is already there may be replaced. */
  readonly replace: boolean;
};

const BUFFER_BYTES = 262_144;

const taken = (path: string): ContentError => new ContentError(`${path} exists; choose another name with -o FILE`);

const refuseTaken = async ({ path, replace }: DownloadTarget): Promise<void> => {
  if (replace) return;
  try {
    await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  throw taken(path);
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
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw taken(target.path);
    throw error;
  }
  await rm(from);
};

/** Reads what an earlier run brought. More than the upload has is none of it. */
const readLeft = async ({ file }: PartialFile, check: ContentCheck, size: number | null): Promise<void> => {
  const left = (await file.stat()).size;
  if (size !== null && left > size) {
    await file.truncate(0);
    return;
  }
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  while (check.length() < left) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, check.length());
    if (bytesRead === 0) return;
    check.update(buffer.subarray(0, bytesRead));
  }
};

const writeAt = async (file: FileHandle, chunk: Uint8Array, position: number): Promise<void> => {
  for (let offset = 0; offset < chunk.length; ) {
    offset += (await file.write(chunk, offset, chunk.length - offset, position + offset)).bytesWritten;
  }
};

const bring = async (
  source: DownloadSource,
  partial: PartialFile,
  onProgress: (received: number) => void,
): Promise<void> => {
  const check = createContentCheck(source.record);
  await readLeft(partial, check, source.record.size);
  onProgress(check.length());
  for await (const chunk of source.read(check.length())) {
    await writeAt(partial.file, chunk, check.length());
    check.update(chunk);
    onProgress(check.length());
  }
  await check.verify();
  await partial.file.sync();
};

/**
 * Brings the bytes to disk beside the target, checks size and checksum, and only then gives them their name. What came
 * before a failure stays and is taken up by the next download of the same version, except when its content is wrong.
 */
export const downloadToFile = async (
  source: DownloadSource,
  target: DownloadTarget,
  onProgress: (received: number) => void,
): Promise<void> => {
  await refuseTaken(target);
  const partial = await openPartial(target.path, source.record);
  let keep = false;
  try {
    await bring(source, partial, onProgress);
    await place(partial.path, target);
  } catch (error) {
    keep = !(error instanceof ContentError) && (await partial.file.stat()).size > 0;
    throw error;
  } finally {
    await partial.file.close();
    if (!keep) await rm(partial.path, { force: true });
  }
};

/** Writes the bytes to a stream as they come; throws at the end if they differ from the record. */
export const downloadToStream = async (source: DownloadSource, stream: NodeJS.WritableStream): Promise<void> => {
  const check = createContentCheck(source.record);
  for await (const chunk of source.read(0)) {
    check.update(chunk);
    await new Promise<void>((resolve, reject) => {
      stream.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  await check.verify();
};
