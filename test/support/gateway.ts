import { createHash, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { ProblemBody } from '../../core/contract/problems.ts';
import type { CreatedUpload, UploadRecord } from '../../core/contract/records.ts';
import { HEADERS } from '../../core/contract/routes.ts';
import type { LocalJson } from './platform.ts';

/** An HTTP answer, read whole. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: unknown;
};

export type Ask = {
  readonly method?: string;
  /** Sent as they are, in this order; an array sends a header several times. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** Sent as it stands instead of the URL's path and query. */
  readonly path?: string;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** One HTTP request without any help: no redirects, no retries, no added headers but host and length. */
export const ask = (url: string, { method = 'GET', headers = {}, body, path }: Ask = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const length = body === undefined || 'content-length' in headers || 'transfer-encoding' in headers;
    const request = http.request(url, {
      method,
      ...(path === undefined ? {} : { path }),
      headers: { ...headers, ...(length ? {} : { 'content-length': String(Buffer.byteLength(body)) }) },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const bytes = Buffer.concat(chunks);
        const text = bytes.toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parse(text) });
      });
    });
    request.end(body);
  });

/** Asks a test issuer for a token. */
export const mint = async (
  platform: Pick<LocalJson, 'issuer'>,
  claims: Readonly<Record<string, unknown>> = {},
  issuer = 'local',
): Promise<string> => {
  const answer = await ask(`${platform.issuer}/${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(claims),
  });
  if (answer.status !== 200) throw new Error(`the issuer answered ${answer.status}: ${answer.text}`);
  return (answer.json as { token: string }).token;
};

export type CallOptions = {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly viewer?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
};

/** Calls the gateway through the local CloudFront. */
export const callGateway = (
  platform: Pick<LocalJson, 'edge'>,
  method: string,
  path: string,
  { token, body, viewer, headers }: CallOptions = {},
): Promise<Answer> =>
  ask(`${platform.edge}${path}`, {
    method,
    headers: {
      ...(token === null || token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(viewer === undefined ? {} : { [HEADERS.simViewer]: viewer }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

/** Random bytes with the body that asks to upload them. */
export const someFile = (size = 64, more: object = {}): { bytes: Buffer; body: Record<string, unknown> } => {
  const bytes = randomBytes(size);
  return { bytes, body: { name: 'bytes.bin', size, type: 'application/octet-stream', ...more } };
};

/** SHA-256 as the contract writes it. */
export const sha256Hex = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Creates, or fails with the problem. */
export const create = async (
  platform: LocalJson,
  token: string,
  body: object,
  options: CallOptions = {},
): Promise<CreatedUpload> => {
  const answer = await callGateway(platform, 'POST', '/v1/uploads', { token, body, ...options });
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}: ${answer.text}`);
  return answer.json as CreatedUpload;
};

/** PUTs bytes exactly as granted. */
export const put = (created: CreatedUpload, bytes: Buffer): Promise<Answer> => {
  if (created.put === undefined) throw new Error('no PUT was granted');
  return ask(created.put.url, { method: created.put.method, headers: created.put.headers, body: bytes });
};

export const finalize = (platform: LocalJson, token: string, id: string, body?: object): Promise<Answer> =>
  callGateway(platform, 'POST', `/v1/uploads/${id}/finalize`, { token, ...(body === undefined ? {} : { body }) });

/** A whole upload: create, PUT, finalize. */
export const uploadBytes = async (
  platform: LocalJson,
  token: string,
  file: { bytes: Buffer; body: Record<string, unknown> },
  options: CallOptions = {},
): Promise<{ created: CreatedUpload; record: UploadRecord }> => {
  const created = await create(platform, token, file.body, options);
  const stored = await put(created, file.bytes);
  if (stored.status !== 200) throw new Error(`S3 answered ${stored.status}: ${stored.text}`);
  const done = await finalize(platform, token, created.id);
  if (done.status !== 200) throw new Error(`finalize answered ${done.status}: ${done.text}`);
  return { created, record: done.json as UploadRecord };
};

/** The code of a problem answer; anything else is a failed test. */
export const codeOf = (answer: Answer): string => {
  const type = answer.headers['content-type'];
  if (type !== 'application/problem+json')
    throw new Error(`no problem but ${answer.status} ${String(type)}: ${answer.text}`);
  return (answer.json as ProblemBody).code;
};

/** An answer without what is different in every answer: the request id. */
export const comparable = (answer: Answer): object => {
  const { requestId: _, ...body } = (answer.json ?? {}) as Record<string, unknown>;
  const {
    'x-request-id': _id,
    date: _date,
    'x-amz-cf-id': _cf,
    'x-amzn-requestid': _rid,
    'x-amz-apigw-id': _gw,
    ...headers
  } = answer.headers;
  return { status: answer.status, headers, body };
};

/** Asks again until `done`, at most `milliseconds`. */
export const until = async <Value>(
  get: () => Promise<Value>,
  done: (value: Value) => boolean,
  milliseconds = 15_000,
): Promise<Value> => {
  const end = Date.now() + milliseconds;
  for (;;) {
    const value = await get();
    if (done(value)) return value;
    if (Date.now() > end) throw new Error(`not so within ${milliseconds} ms; last seen: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Asks again, as every client does, while the answer is that the platform has no instance free; any other answer counts. */
export const patiently = (send: () => Promise<Answer>): Promise<Answer> =>
  until(send, ({ status, headers }) => status < 500 || headers['content-type'] === 'application/problem+json');
