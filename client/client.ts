import type {
  CreatedUpload,
  PartList,
  SignedParts,
  UploadPage,
  UploadRecord,
  UploadRecordWithDownload,
  Whoami,
} from '../core/contract/records.ts';
import { HEADERS, routePath } from '../core/contract/routes.ts';
import type { CreateBody, FinalizeBody } from '../core/contract/schemas.ts';
import type { State } from '../core/contract/states.ts';
import { createCaller } from './call.ts';
import { type DownloadOptions, download } from './download/download.ts';
import { ConnectionError } from './errors.ts';
import { type Hashes, webHashes } from './hashes.ts';
import { sleep } from './sleep.ts';
import type { UploadSource } from './source.ts';
import type { StateStore } from './state/state-store.ts';
import type { Transport } from './transport.ts';
import { createUploader, type UploadHandle, type UploadOptions } from './upload.ts';

export type ClientOptions = {
  /** Origin of the gateway, such as `https://uploads.example`. */
  readonly endpoint: string;
  /** Bearer token, or a function that gives a fresh one. */
  readonly token: string | (() => string | Promise<string>);
  readonly transport: Transport;
  /** Repetitions of a failed call or PUT; 5 unless said. */
  readonly retries?: number;
  /** Milliseconds without progress that count as a dead connection; 30,000 unless said. */
  readonly idleTimeoutMs?: number;
  /** Headers added to every request to the gateway. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Remembers uploads under way, so that they go on after a crash or a reload. Absent: they begin anew. */
  readonly state?: StateStore;
  /** The platform's hashes; WebCrypto's unless said. */
  readonly hashes?: Hashes;
  /** Fetches the bytes of downloads; the platform's own unless said. */
  readonly fetch?: typeof fetch;
  /** How long an upload in parts waits for a line that is gone, in milliseconds; 120,000 unless said. */
  readonly patienceMs?: number;
  readonly random?: () => number;
  readonly now?: () => number;
};

type Signal = { readonly signal?: AbortSignal | undefined };
/** How long to go on trying when there is no connection, in milliseconds; 0 unless said. */
type Patient = Signal & { readonly patienceMs?: number };

/** The SDK: one call uploads, and every call repeats what may pass. Errors are `NearputError`, `StorageError`, `ConnectionError`. */
export type Client = {
  readonly createUpload: (
    body: CreateBody,
    options?: Signal & { readonly idempotencyKey?: string },
  ) => Promise<CreatedUpload>;
  readonly renewUpload: (id: string, body: CreateBody, options?: Signal) => Promise<CreatedUpload>;
  readonly upload: (source: UploadSource, options?: UploadOptions) => Promise<UploadRecord>;
  /** Like `upload`, with a handle to pause, resume and cancel it. */
  readonly startUpload: (source: UploadSource, options?: UploadOptions) => UploadHandle;
  /** Signs URLs of at most 200 parts; `sha256` in the order of `numbers`, exactly where the upload asked for it. */
  readonly signParts: (
    id: string,
    body: { readonly uploadId: string; readonly numbers: readonly number[]; readonly sha256?: readonly string[] },
    options?: Patient,
  ) => Promise<SignedParts>;
  /** What S3 has of an upload in parts. */
  readonly listParts: (id: string, options?: Signal & { readonly uploadId?: string }) => Promise<PartList>;
  readonly finalize: (id: string, claims?: FinalizeBody, options?: Patient) => Promise<UploadRecord>;
  readonly get: (
    id: string,
    options?: Signal & { readonly ttlSeconds?: number; readonly inline?: boolean },
  ) => Promise<UploadRecordWithDownload>;
  /** Bytes of a finished upload, by a record that `get` gave. A broken connection is taken up again; at the end size and CRC64NVME are compared with the record. */
  readonly download: (record: UploadRecordWithDownload, options?: DownloadOptions) => AsyncIterable<Uint8Array>;
  readonly list: (
    options?: Signal & { readonly limit?: number; readonly cursor?: string; readonly state?: State },
  ) => Promise<UploadPage>;
  readonly remove: (id: string, options?: Signal) => Promise<void>;
  readonly restore: (id: string, options?: Signal) => Promise<UploadRecord>;
  readonly abort: (id: string, options?: Signal) => Promise<void>;
  readonly whoami: (options?: Signal) => Promise<Whoami>;
};

const RETRIES = 5;
const IDLE_TIMEOUT_MS = 30_000;
const PATIENCE_MS = 120_000;
const COMPLETING_POLLS_MAX = 300;

const withQuery = (path: string, query: Readonly<Record<string, string | number | undefined>>): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs).toString()}`;
};

/** Makes a client. It holds no connection of its own and may be used for many uploads at once. */
export const createClient = (options: ClientOptions): Client => {
  const { token, transport } = options;
  const random = options.random ?? Math.random;
  const retries = options.retries ?? RETRIES;
  const now = options.now ?? Date.now;
  const idleTimeoutMs = options.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const endpoint = options.endpoint.replace(/\/+$/, '');
  const call = createCaller({
    endpoint,
    token: typeof token === 'string' ? () => token : token,
    transport,
    random,
    now,
    retries,
    idleTimeoutMs,
    headers: options.headers ?? {},
  });

  const createUpload: Client['createUpload'] = async (body, { idempotencyKey, signal } = {}) => {
    const headers = { [HEADERS.idempotencyKey]: idempotencyKey ?? crypto.randomUUID() };
    const { body: created } = await call({ method: 'POST', path: routePath('createUpload'), body, headers, signal });
    return created as CreatedUpload;
  };
  const renewUpload: Client['renewUpload'] = async (id, body, { signal } = {}) =>
    (await call({ method: 'POST', path: routePath('renewUpload', id), body, signal })).body as CreatedUpload;

  const signParts: Client['signParts'] = async (id, body, { signal, patienceMs = 0 } = {}) =>
    (await call({ method: 'POST', path: routePath('signParts', id), body, signal, patienceMs })).body as SignedParts;

  const listParts: Client['listParts'] = async (id, { uploadId, signal } = {}) => {
    const path = withQuery(routePath('listParts', id), { uploadId });
    return (await call({ method: 'GET', path, signal })).body as PartList;
  };

  const finalize: Client['finalize'] = async (id, claims = {}, { signal, patienceMs = 0 } = {}) => {
    const path = routePath('finalizeUpload', id);
    for (let polls = 0; polls < COMPLETING_POLLS_MAX; polls++) {
      const answer = await call({ method: 'POST', path, body: claims, signal, patienceMs });
      if (answer.status !== 202) return answer.body as UploadRecord;
      await sleep(Math.max(answer.retryAfterMs, 100), signal);
    }
    throw new ConnectionError('timeout', `${id} is still completing; finalize it again later`);
  };

  const get: Client['get'] = async (id, { ttlSeconds, inline, signal } = {}) => {
    const path = withQuery(routePath('getUpload', id), { ttl: ttlSeconds, inline: inline === true ? '1' : undefined });
    return (await call({ method: 'GET', path, signal })).body as UploadRecordWithDownload;
  };

  const post = async (path: string, signal: AbortSignal | undefined) =>
    (await call({ method: 'POST', path, signal })).body;

  const startUpload = createUploader({
    create: (body, signal) => createUpload(body, { signal }),
    renew: (id, body, signal) => renewUpload(id, body, { signal }),
    signParts: (id, body, signal) => signParts(id, body, { signal, patienceMs }),
    listParts: (id, uploadId, signal) => listParts(id, { uploadId, signal }),
    finalize: (id, claims, signal) => finalize(id, claims, { signal, patienceMs }),
    abort: async (id) => {
      await call({ method: 'POST', path: routePath('abortUpload', id), retries: Math.min(1, retries) });
    },
    endpoint,
    transport,
    hashes: options.hashes ?? webHashes,
    state: options.state,
    random,
    now,
    retries,
    idleTimeoutMs,
    patienceMs,
  });

  return {
    createUpload,
    renewUpload,
    signParts,
    listParts,
    finalize,
    startUpload,
    upload: (source, uploadOptions) => startUpload(source, uploadOptions).result,
    get,
    download: (record, downloadOptions) =>
      download(
        {
          refresh: (id, signal) => get(id, { signal }),
          fetch: options.fetch ?? ((...request) => fetch(...request)),
          random,
          retries,
          idleTimeoutMs,
        },
        record,
        downloadOptions,
      ),
    list: async ({ limit, cursor, state, signal } = {}) =>
      (await call({ method: 'GET', path: withQuery(routePath('listUploads'), { limit, cursor, state }), signal }))
        .body as UploadPage,
    remove: async (id, { signal } = {}) => {
      await call({ method: 'DELETE', path: routePath('deleteUpload', id), signal });
    },
    restore: async (id, { signal } = {}) => (await post(routePath('restoreUpload', id), signal)) as UploadRecord,
    abort: async (id, { signal } = {}) => {
      await post(routePath('abortUpload', id), signal);
    },
    whoami: async ({ signal } = {}) =>
      (await call({ method: 'GET', path: routePath('whoami'), signal })).body as Whoami,
  };
};
