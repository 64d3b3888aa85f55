import { ConnectionError, StorageError } from '../errors.ts';
import { readStream } from '../read-stream.ts';

export type RangeRequest = {
  readonly url: string;
  /** Position of the first byte wanted. */
  readonly start: number;
  /** The version that the bytes before `start` came from; `null` when it is not known. */
  readonly etag: string | null;
  readonly fetch: typeof fetch;
  /** Milliseconds without any byte that count as a dead connection. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
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

/** Bytes of one object from `start`, in one request: by Range with If-Match unless from the beginning. Throws `StorageError`, `ConnectionError`, or the signal's reason. */
export const readRange = async function* (request: RangeRequest): AsyncGenerator<Uint8Array> {
  const { url, start, etag, idleTimeoutMs, signal } = request;
  const idle = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(
      () => idle.abort(new ConnectionError('timeout', `no bytes came for ${idleTimeoutMs} ms`)),
      idleTimeoutMs,
    );
  };
  try {
    alive();
    const resumed = { range: `bytes=${start}-`, ...(etag === null ? {} : { 'if-match': quoted(etag) }) };
    const answer = await request.fetch(url, {
      signal: AbortSignal.any([signal, idle.signal]),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      headers: start > 0 ? resumed : {},
    });
    if (answer.status >= 300 || answer.body === null) throw await refusal(answer);
    const chunks = readStream(answer.body);
    // A server without ranges sends everything again.
    for await (const chunk of answer.status === 206 ? chunks : skip(chunks, start)) {
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
