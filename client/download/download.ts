import type { UploadRecordWithDownload } from '../../core/contract/records.ts';
import { withCrc64 } from '../checksum.ts';
import { ContentError } from '../errors.ts';
import { backoffMs, remedyFor } from '../retry.ts';
import { sleep } from '../sleep.ts';
import { readRange } from './read-range.ts';

export type DownloadDeps = {
  /** The record again, with a fresh link. */
  readonly refresh: (id: string, signal: AbortSignal) => Promise<UploadRecordWithDownload>;
  readonly fetch: typeof fetch;
  readonly random: () => number;
  /** Repetitions without a single byte in between. */
  readonly retries: number;
  readonly idleTimeoutMs: number;
};

export type DownloadOptions = {
  /** Position of the first byte wanted, 0 unless said. */
  readonly start?: number;
  /** `false`: leave the comparison with the record to the caller. It needs all bytes, so there is none from the middle. */
  readonly verify?: boolean;
  readonly signal?: AbortSignal | undefined;
};

const linkOf = (record: UploadRecordWithDownload): string => {
  if (record.download === null) throw new ContentError(`the upload is ${record.state}; there is nothing to download`);
  return record.download.url;
};

const readOn = async function* (
  deps: DownloadDeps,
  record: UploadRecordWithDownload,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let url = linkOf(record);
  let position = start;
  for (let failures = 0; position === 0 || position !== record.size; ) {
    try {
      for await (const chunk of readRange({ ...deps, url, start: position, etag: record.etag, signal })) {
        failures = 0;
        position += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      const remedy = remedyFor(error);
      if (++failures > deps.retries || (remedy !== 'again' && remedy !== 'renew')) throw error;
      if (remedy === 'again') await sleep(backoffMs(failures, deps.random), signal);
      else url = linkOf(await deps.refresh(record.id, signal));
    }
  }
};

/** Passes all bytes on; at their end throws `ContentError` unless they are those of the record, by size and CRC64NVME where it has one. */
const verified = async function* (
  source: AsyncIterable<Uint8Array>,
  record: UploadRecordWithDownload,
): AsyncGenerator<Uint8Array> {
  const { bytes, digest } = withCrc64(source);
  const compare = (name: string, came: unknown, wanted: unknown) => {
    if (came !== wanted) throw new ContentError(`the bytes that came have ${name} ${came}, the record says ${wanted}`);
  };
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    yield chunk;
  }
  if (record.size !== null) compare('length', length, record.size);
  const { crc64nvme } = record.checksums;
  if (crc64nvme !== undefined) compare('crc64nvme', await digest(), crc64nvme);
};

/**
 * Bytes of a finished upload. A connection that breaks is taken up again by Range with If-Match, an expired link is fetched
 * anew. Throws `StorageError`, `ConnectionError`, `ContentError`, or the signal's reason.
 */
export const download = (
  deps: DownloadDeps,
  record: UploadRecordWithDownload,
  { start = 0, verify = true, signal = new AbortController().signal }: DownloadOptions = {},
): AsyncIterable<Uint8Array> => {
  const bytes = readOn(deps, record, start, signal);
  return verify && start === 0 ? verified(bytes, record) : bytes;
};
