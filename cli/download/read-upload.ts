import { ConnectionError, ContentError, StorageError } from '../../client/errors.ts';
import { backoffMs, remedyFor } from '../../client/retry.ts';
import { sleep } from '../../client/sleep.ts';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';

export type DownloadSource = {
  readonly record: UploadRecordWithDownload;
  /** The record again, with a fresh link. */
  readonly refresh: () => Promise<UploadRecordWithDownload>;
  readonly signal: AbortSignal;
};

/** Repetitions without a single byte in between. */
const RETRIES = 5;
const IDLE_TIMEOUT_MS = 30_000;

const linkOf = (record: UploadRecordWithDownload): string => {
  if (record.download === null) throw new ContentError(`the upload is ${record.state}; there is nothing to download`);
  return record.download.url;
};

/** Entity tags stand in quotes (RFC 9110, section 8.8.3). */
const quoted = (etag: string): string => (etag.startsWith('"') ? etag : `"${etag}"`);

const refusal = async (answer: Response): Promise<StorageError> => {
  const text = (await answer.text()).slice(0, 2_000);
  const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return new StorageError(
    answer.status,
    element('Code') ?? 'unknown',
    answer.status === 412 ? 'the object has changed meanwhile' : (element('Message') ?? 'the download was refused'),
    answer.headers.get('x-amz-request-id') ?? '',
  );
};

const skip = async function* (chunks: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    const cut = Math.min(left, chunk.length);
    left -= cut;
    if (cut < chunk.length) yield chunk.subarray(cut);
  }
};

/** Bytes from `start` in one request. Errors of the line become `ConnectionError`. */
const readOnce = async function* (
  url: string,
  etag: string | null,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const idle = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => idle.abort(new ConnectionError('timeout', `no bytes came for ${IDLE_TIMEOUT_MS} ms`)),
      IDLE_TIMEOUT_MS,
    );
  };
  try {
    alive();
    const resumed = { range: `bytes=${start}-`, ...(etag === null ? {} : { 'if-match': quoted(etag) }) };
    const answer = await fetch(url, {
      signal: AbortSignal.any([signal, idle.signal]),
      redirect: 'error',
      headers: start > 0 ? resumed : {},
    });
    if (answer.status >= 300 || answer.body === null) throw await refusal(answer);
    // A server without ranges sends everything again.
    const chunks = answer.status === 206 ? answer.body : skip(answer.body, start);
    for await (const chunk of chunks) {
      alive();
      yield chunk;
    }
  } catch (error) {
    if (error instanceof TypeError) throw new ConnectionError('reset', 'the connection of the download broke', error);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};

/**
 * Bytes of an upload from `start` on. A connection that breaks is taken up again by Range with If-Match, an expired link is
 * fetched anew. Throws `StorageError`, `ConnectionError`, or the signal's reason.
 */
export const readUpload = async function* (source: DownloadSource, start: number): AsyncGenerator<Uint8Array> {
  const { signal, record } = source;
  let url = linkOf(record);
  let position = start;
  for (let failures = 0; position === 0 || position !== record.size; ) {
    try {
      for await (const chunk of readOnce(url, record.etag, position, signal)) {
        failures = 0;
        position += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      signal.throwIfAborted();
      const remedy = remedyFor(error);
      if (++failures > RETRIES || (remedy !== 'again' && remedy !== 'renew')) throw error;
      if (remedy === 'again') await sleep(backoffMs(failures, Math.random), signal);
      else url = linkOf(await source.refresh());
    }
  }
};
