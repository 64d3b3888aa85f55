import type { FormGrant, PutGrant } from '../core/contract/records.ts';
import { StorageError } from './errors.ts';
import { formBody } from './form-body.ts';
import type { UploadSource } from './source.ts';
import type { Transport, TransportAnswer } from './transport.ts';

const element = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];

/** S3's error as its XML names it. */
const storageErrorOf = (answer: TransportAnswer): StorageError =>
  new StorageError(
    answer.status,
    element(answer.body, 'Code') ?? 'unknown',
    element(answer.body, 'Message') ?? `S3 answered ${answer.status}`,
    element(answer.body, 'RequestId') ?? answer.headers['x-amz-request-id'] ?? '',
  );

type Sending = {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly idleTimeoutMs: number;
  readonly onProgress?: ((sent: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Sends all bytes once, exactly as granted. Throws `StorageError` or `ConnectionError`. */
export const putBytes = async (
  transport: Transport,
  input: Sending & {
    readonly grant: Pick<PutGrant, 'method' | 'url' | 'headers'>;
    readonly source: Pick<UploadSource, 'size'>;
  },
): Promise<void> => {
  const answer = await transport.put({
    method: input.grant.method,
    url: input.grant.url,
    headers: input.grant.headers,
    body: input.bytes,
    size: input.source.size,
    idleTimeoutMs: input.idleTimeoutMs,
    onProgress: input.onProgress,
    signal: input.signal,
  });
  if (answer.status >= 300) throw storageErrorOf(answer);
};

/** Posts all bytes once in a form. Progress counts the file's bytes alone. Throws `StorageError` or `ConnectionError`. */
export const postForm = async (
  transport: Transport,
  input: Sending & { readonly grant: FormGrant; readonly source: Pick<UploadSource, 'name' | 'size' | 'type'> },
): Promise<void> => {
  const { grant, source, onProgress } = input;
  const { contentType, head, tail } = formBody(grant, source);
  const body = async function* () {
    yield head;
    yield* input.bytes;
    yield tail;
  };
  const answer = await transport.put({
    method: 'POST',
    url: grant.url,
    headers: { 'content-type': contentType },
    body: body(),
    size: head.length + source.size + tail.length,
    idleTimeoutMs: input.idleTimeoutMs,
    onProgress: (sent) => onProgress?.(Math.min(source.size, Math.max(0, sent - head.length))),
    signal: input.signal,
  });
  if (answer.status >= 300) throw storageErrorOf(answer);
};
