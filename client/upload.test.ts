import { describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { ConnectionError, NearputError, StorageError } from './errors.ts';
import type { UploadSource } from './source.ts';
import type { PutRequest, Transport, TransportAnswer, TransportRequest } from './transport.ts';

const ID = `euw1_${'a'.repeat(71)}`;

/** CRC64NVME of `123456789` is the check value AE8B14860A799888 of the CRC catalogue. */
const SOURCE: UploadSource = {
  name: 'digits.txt',
  size: 9,
  type: 'text/plain',
  open: async function* () {
    yield Buffer.from('12345');
    yield Buffer.from('6789');
  },
};
const SOURCE_CRC64 = Buffer.from('ae8b14860a799888', 'hex').toString('base64');

const answer = (status: number, body: unknown = {}, headers: Record<string, string> = {}): TransportAnswer => ({
  status,
  headers,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const created = (url: string): TransportAnswer =>
  answer(201, {
    id: ID,
    kind: 'put',
    region: 'euw1',
    put: { method: 'PUT', url, headers: { 'if-none-match': '*' }, expiresAt: '' },
  });
const record = answer(200, { id: ID, state: 'UPLOADED' });
const s3Error = (status: number, code: string, message = 'no'): TransportAnswer =>
  answer(
    status,
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>R</RequestId></Error>`,
  );
const problem = (status: number, code: string, headers = {}): TransportAnswer =>
  answer(status, { code, status, detail: 'change it', requestId: 'r', title: '', type: '' }, headers);

type Step = TransportAnswer | Error;

/** Plays answers route by route and remembers what was asked. */
const scripted = (script: { create?: Step[]; put?: Step[]; renew?: Step[]; finalize?: Step[] }) => {
  const asked: { route: string; body: unknown; headers: Readonly<Record<string, string>> }[] = [];
  const play = (
    route: keyof typeof script,
    body: unknown,
    headers: Readonly<Record<string, string>>,
  ): TransportAnswer => {
    asked.push({ route, body, headers });
    const step = script[route]?.shift();
    if (step === undefined) throw new Error(`nobody expected another ${route}`);
    if (step instanceof Error) throw step;
    return step;
  };
  const routeOf = (url: string) =>
    url.endsWith('/renew') ? 'renew' : url.endsWith('/finalize') ? 'finalize' : 'create';
  const transport: Transport = {
    send: async (request: TransportRequest) =>
      play(routeOf(request.url), JSON.parse(request.body ?? 'null'), request.headers),
    put: async (request: PutRequest) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request.body) chunks.push(chunk);
      return play('put', Buffer.concat(chunks).toString(), { ...request.headers, url: request.url });
    },
  };
  const client = createClient({ endpoint: 'https://gate.example', token: 't', transport, retries: 2, random: () => 0 });
  return { client, asked, routes: () => asked.map(({ route }) => route) };
};

const happy = { create: [created('https://s3/1')], put: [answer(200, '')], finalize: [record] };

describe('upload', () => {
  it('creates, puts and finalizes with the checksum of what was read', async () => {
    const { client, asked, routes } = scripted({ ...happy, create: [created('https://s3/1')] });
    await expect(client.upload(SOURCE)).resolves.toEqual({ id: ID, state: 'UPLOADED' });
    expect(routes()).toEqual(['create', 'put', 'finalize']);
    expect(asked[0]?.body).toEqual({ name: 'digits.txt', size: 9, type: 'text/plain' });
    expect(asked[0]?.headers['authorization']).toBe('Bearer t');
    expect(asked[1]).toMatchObject({ body: '123456789', headers: { 'if-none-match': '*', url: 'https://s3/1' } });
    expect(asked[2]?.body).toEqual({ checksum: { crc64nvme: SOURCE_CRC64 } });
  });

  it.each<[string, Step]>([
    ['500', s3Error(500, 'InternalError')],
    ['503 SlowDown', s3Error(503, 'SlowDown')],
    ['a reset', new ConnectionError('reset', 'gone')],
    ['a timeout', new ConnectionError('timeout', 'slow')],
    ['409 ConditionalRequestConflict', s3Error(409, 'ConditionalRequestConflict')],
    ['400 RequestTimeout', s3Error(400, 'RequestTimeout')],
    ['400 IncompleteBody', s3Error(400, 'IncompleteBody')],
    ['400 BadDigest', s3Error(400, 'BadDigest')],
  ])('after %s it sends all bytes again to the same URL', async (_, failure) => {
    const { client, asked, routes } = scripted({
      create: [created('https://s3/1')],
      put: [failure, answer(200, '')],
      finalize: [record],
    });
    await client.upload(SOURCE);
    expect(routes()).toEqual(['create', 'put', 'put', 'finalize']);
    expect(asked[2]).toMatchObject({ body: '123456789', headers: { url: 'https://s3/1' } });
  });

  it.each<[string, Step]>([
    ['an expired URL', s3Error(403, 'AccessDenied', 'Request has expired')],
    ['an expired session', s3Error(400, 'ExpiredToken')],
  ])('after %s it renews and goes on with the fresh URL', async (_, failure) => {
    const { client, asked, routes } = scripted({
      create: [created('https://s3/1')],
      put: [failure, answer(200, '')],
      renew: [created('https://s3/2')],
      finalize: [record],
    });
    await client.upload(SOURCE);
    expect(routes()).toEqual(['create', 'put', 'renew', 'put', 'finalize']);
    expect(asked[2]?.body).toEqual(asked[0]?.body);
    expect(asked[3]?.headers['url']).toBe('https://s3/2');
  });

  it('after 412 it lets finalize prove that the bytes are the same', async () => {
    const { client, asked, routes } = scripted({
      ...happy,
      create: [created('https://s3/1')],
      put: [s3Error(412, 'PreconditionFailed')],
      finalize: [record],
    });
    await client.upload(SOURCE);
    expect(routes()).toEqual(['create', 'put', 'finalize']);
    expect(asked[2]?.body).toEqual({ checksum: { crc64nvme: SOURCE_CRC64 } });
  });

  it.each([
    ['403 AccessDenied', s3Error(403, 'AccessDenied', 'Access Denied')],
    ['400 EntityTooLarge', s3Error(400, 'EntityTooLarge')],
  ])('stops at %s', async (_, failure) => {
    const { client, routes } = scripted({ create: [created('https://s3/1')], put: [failure] });
    await expect(client.upload(SOURCE)).rejects.toBeInstanceOf(StorageError);
    expect(routes()).toEqual(['create', 'put']);
  });

  it('stops when S3 finds the bytes hurt twice: then the SHA-256 that was declared is wrong', async () => {
    const put = [s3Error(400, 'BadDigest'), s3Error(400, 'BadDigest')];
    const { client, routes } = scripted({ create: [created('https://s3/1')], put });
    await expect(client.upload(SOURCE)).rejects.toMatchObject({ code: 'BadDigest' });
    expect(routes()).toEqual(['create', 'put', 'put']);
  });

  it('gives up after the repetitions it was allowed', async () => {
    const failures = [1, 2, 3].map(() => s3Error(500, 'InternalError'));
    const { client, routes } = scripted({ create: [created('https://s3/1')], put: failures });
    await expect(client.upload(SOURCE)).rejects.toMatchObject({ code: 'InternalError' });
    expect(routes()).toEqual(['create', 'put', 'put', 'put']);
  });
});

describe('calls', () => {
  it('repeat create under one Idempotency-Key, so that a lost answer makes no second upload', async () => {
    const { client, asked } = scripted({ create: [new ConnectionError('reset', 'lost'), created('https://s3/1')] });
    await client.createUpload({ name: 'a', size: 1, type: 'a/b' });
    expect(asked[0]?.headers['idempotency-key']).toHaveLength(36);
    expect(asked[1]?.headers['idempotency-key']).toBe(asked[0]?.headers['idempotency-key']);
  });

  it('repeat 503 after Retry-After, and finalize while it answers 202', async () => {
    const { client, routes } = scripted({
      finalize: [
        problem(503, 'upstream_unavailable', { 'retry-after': '0.01' }),
        answer(202, { state: 'COMPLETING' }, { 'retry-after': '0.01' }),
        record,
      ],
    });
    await expect(client.finalize(ID)).resolves.toMatchObject({ state: 'UPLOADED' });
    expect(routes()).toEqual(['finalize', 'finalize', 'finalize']);
  });

  it('throw a typed problem at once for what no repetition mends', async () => {
    const { client, routes } = scripted({ create: [problem(403, 'type_not_allowed')] });
    const failure = await client.createUpload({ name: 'a', size: 1, type: 'a/b' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NearputError);
    expect(failure).toMatchObject({ code: 'type_not_allowed', status: 403, detail: 'change it', requestId: 'r' });
    expect(routes()).toEqual(['create']);
  });

  it('stop when the signal is aborted between attempts', async () => {
    const stop = new AbortController();
    const { client } = scripted({ finalize: [problem(503, 'upstream_unavailable', { 'retry-after': '30' })] });
    const pending = client.finalize(ID, {}, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 20);
    await expect(pending).rejects.toThrow('enough');
  });
});
