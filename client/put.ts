import type { PutGrant } from '../core/contract/records.ts';
import { StorageError } from './errors.ts';
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

/** Sends all bytes once, exactly as granted. Throws `StorageError` or `ConnectionError`. */
export const putBytes = async (
  transport: Transport,
  input: {
    readonly grant: PutGrant;
    readonly source: Pick<UploadSource, 'size'>;
    readonly bytes: AsyncIterable<Uint8Array>;
    readonly idleTimeoutMs: number;
    readonly onProgress?: ((sent: number) => void) | undefined;
    readonly signal?: AbortSignal | undefined;
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
