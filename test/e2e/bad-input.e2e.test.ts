import { request } from 'node:http';
import { describe, expect, inject, it } from 'vitest';
import { PROBLEMS, type ProblemBody, type ProblemCode } from '../../core/contract/problems.ts';
import {
  type Answer,
  ask,
  type CallOptions,
  callGateway,
  codeOf,
  create,
  finalize,
  mint,
  put,
  sha256Hex,
  someFile,
  uploadBytes,
} from '../support/gateway.ts';
import { signOwn } from '../support/own-issuer.ts';

const platform = inject('platform');
const narrow = inject('narrow');
const limited = inject('limited');
const good = someFile().body;
const PNG = { name: 'a.png', size: 100, type: 'image/png' };

type Offence = [code: ProblemCode, change: string, says: RegExp, send: () => Promise<Answer>];

const withToken = async (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
  callGateway(platform, method, path, { token: await mint(platform, { sub: 'bad-input' }), ...options });
const createWith = (options: CallOptions): Promise<Answer> =>
  withToken('POST', '/v1/uploads', { body: good, ...options });
const narrowCreate = async (change: object): Promise<Answer> =>
  callGateway(platform, 'POST', '/v1/uploads', { token: await signOwn(narrow), body: { ...PNG, ...change } });
const whoami = (token: string): Promise<Answer> => callGateway(platform, 'GET', '/v1/whoami', { token });
const claims = async (change: object, header: object = {}): Promise<Answer> =>
  whoami(await signOwn(narrow, change, header));
const now = (): number => Math.floor(Date.now() / 1_000);
const raw = (body: string | undefined, headers: Record<string, string>) => async (): Promise<Answer> =>
  ask(`${platform.edge}/v1/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await mint(platform)}`, ...headers },
    ...(body === undefined ? {} : { body }),
  });
const JSON_TYPE = { 'content-type': 'application/json' };
const FOREIGN_ID = `euw1_c${'a'.repeat(70)}`;

/** An upload without bytes, and what to do with it. */
const fresh = async (work: (token: string, id: string, bytes: Buffer) => Promise<Answer>): Promise<Answer> => {
  const token = await mint(platform, { sub: 'bad-input' });
  const file = someFile();
  return work(token, (await create(platform, token, file.body)).id, file.bytes);
};
/** A finished upload, and what to do with it. */
const finished = async (work: (token: string, id: string, bytes: Buffer) => Promise<Answer>): Promise<Answer> => {
  const token = await mint(platform, { sub: 'bad-input' });
  const file = someFile();
  return work(token, (await uploadBytes(platform, token, file)).created.id, file.bytes);
};
const remove = (token: string, id: string) => callGateway(platform, 'DELETE', `/v1/uploads/${id}`, { token });

const OFFENCES: Offence[] = [
  ['body_not_json', 'half a JSON text', /JSON/, raw('{"name":', JSON_TYPE)],
  ['request_invalid', 'a negative size', /\/size/, () => createWith({ body: { ...good, size: -1 } })],
  ['request_invalid', 'an unknown member', /\/colour/, () => createWith({ body: { ...good, colour: 'red' } })],
  ['request_invalid', 'a list limit of 0', /limit/, () => withToken('GET', '/v1/uploads?limit=0')],
  ['request_invalid', 'an unknown state', /state/, () => withToken('GET', '/v1/uploads?state=LOST')],
  [
    'request_invalid',
    'an unknown query parameter',
    /limit, cursor, state/,
    () => withToken('GET', '/v1/uploads?colour=red'),
  ],
  [
    'request_invalid',
    'a claim S3 holds no value for',
    /crc64nvme/,
    () => finished((token, id, bytes) => finalize(platform, token, id, { checksum: { sha256: sha256Hex(bytes) } })),
  ],
  ['request_invalid', 'parts of a PUT', /\/partSize/, () => createWith({ body: { ...good, partSize: 8_388_608 } })],
  [
    'request_invalid',
    'parts that would be too many',
    /\/partSize .*6291456/,
    () => createWith({ body: { ...good, size: 52_428_800_001, partSize: 5_242_880 } }),
  ],
  [
    'method_unavailable',
    'more than one PUT takes',
    /5368709120|5,368,709,120/,
    () => createWith({ body: { ...good, size: 5_368_709_121, method: 'put' } }),
  ],
  [
    'method_unavailable',
    'parts of an upload by one PUT',
    /no parts/,
    () =>
      fresh((token, id) =>
        callGateway(platform, 'POST', `/v1/uploads/${id}/parts`, { token, body: { uploadId: 'u', numbers: [1] } }),
      ),
  ],
  [
    'metadata_too_large',
    'too much metadata',
    /1200|1,200/,
    () => createWith({ body: { ...good, metadata: { a: 'x'.repeat(1_200) } } }),
  ],
  ['cursor_invalid', 'an invented cursor', /nextCursor/, () => withToken('GET', '/v1/uploads?cursor=invented')],
  ['idempotency_key_invalid', 'a short key', /16/, () => createWith({ headers: { 'idempotency-key': 'short' } })],
  [
    'idempotency_key_invalid',
    'two keys',
    /Idempotency-Key/i,
    () => createWith({ headers: { 'idempotency-key': ['a'.repeat(16), 'b'.repeat(16)] } }),
  ],

  ['token_missing', 'no token', /Authorization/i, () => callGateway(platform, 'GET', '/v1/whoami')],
  [
    'token_malformed',
    'another scheme',
    /Bearer/,
    () => callGateway(platform, 'GET', '/v1/whoami', { headers: { authorization: 'Basic YTpi' } }),
  ],
  ['token_malformed', 'something that is no token', /./, () => whoami('abc')],
  ['token_untrusted', 'an unknown issuer', /./, () => claims({ iss: 'https://unknown.example/' })],
  ['token_untrusted', 'an unknown key', /./, () => claims({}, { kid: 'unknown' })],
  ['token_type', 'another type', /type|typ/, () => claims({}, { typ: 'id+jwt' })],
  ['token_expired', 'an end in the past', /fresh token/, () => claims({ iat: now() - 7_200, exp: now() - 3_600 })],
  ['token_not_yet_valid', 'a beginning in the future', /becomes valid/, () => claims({ nbf: now() + 600 })],
  ['token_too_old', "a life beyond the issuer's", /./, () => claims({ exp: now() + 200_000 })],
  ['audience_mismatch', 'another audience', /audience/, () => claims({ aud: 'elsewhere' })],
  ['claims_invalid', 'no tenant', /claim/, () => claims({ tenant: undefined })],

  [
    'permission_missing',
    'no permission to create',
    /uploads:create/,
    async () =>
      callGateway(platform, 'POST', '/v1/uploads', {
        token: await mint(platform, { scope: 'uploads:read' }),
        body: good,
      }),
  ],
  [
    'permission_missing',
    'no permission to read',
    /uploads:read/,
    async () =>
      callGateway(platform, 'GET', '/v1/uploads', { token: await mint(platform, { scope: 'uploads:create' }) }),
  ],
  ['size_not_allowed', "a size above the issuer's", /1000|1,000/, () => narrowCreate({ size: 1_001 })],
  ['size_not_allowed', "a size below the issuer's", /10/, () => narrowCreate({ size: 9 })],
  ['type_not_allowed', 'a type the issuer may not use', /image\/png/, () => narrowCreate({ type: 'text/html' })],
  [
    'region_not_allowed',
    'avoiding the only Region',
    /avoidRegions/,
    async () =>
      callGateway(platform, 'POST', '/v1/uploads', {
        token: await signOwn(limited),
        body: { ...good, avoidRegions: ['use1'] },
      }),
  ],

  ['upload_not_found', 'an id nobody minted', /./, () => withToken('GET', `/v1/uploads/${FOREIGN_ID}`)],
  ['route_not_found', 'another path', /\/v1\/uploads|openapi/, () => withToken('GET', '/v1/files')],
  ['route_not_found', 'an encoded slash', /./, () => withToken('GET', '/v1/uploads%2F')],
  ['method_not_allowed', 'another method', /GET, POST|POST, GET/, () => withToken('PUT', '/v1/uploads')],

  ['bytes_missing', 'no PUT before finalize', /PUT|bytes/, () => fresh((token, id) => finalize(platform, token, id))],
  [
    'content_mismatch',
    'a checksum of other bytes',
    /crc64nvme/,
    () => finished((token, id) => finalize(platform, token, id, { checksum: { crc64nvme: 'AAAAAAAAAAA=' } })),
  ],
  [
    'already_complete',
    'abort of a finished upload',
    /DELETE|delete/,
    () => finished((token, id) => callGateway(platform, 'POST', `/v1/uploads/${id}/abort`, { token })),
  ],
  [
    'grant_mismatch',
    'renew with another name',
    /name|create/,
    () =>
      fresh((token, id) =>
        callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body: { ...good, name: 'other' } }),
      ),
  ],
  [
    'upload_aborted',
    'finalize after abort',
    /./,
    () =>
      fresh(async (token, id) => {
        await callGateway(platform, 'POST', `/v1/uploads/${id}/abort`, { token });
        return finalize(platform, token, id);
      }),
  ],
  [
    'upload_deleted',
    'content after delete',
    /restore/,
    () =>
      finished(async (token, id) => {
        await remove(token, id);
        return callGateway(platform, 'GET', `/v1/uploads/${id}/content`, { token });
      }),
  ],

  [
    'body_too_large',
    'a body above 64 KiB',
    /65536|65,536|64 KiB/,
    raw(JSON.stringify({ ...good, name: 'x'.repeat(65_536) }), JSON_TYPE),
  ],
  [
    'media_type',
    'another content-type',
    /application\/json/,
    raw(JSON.stringify(good), { 'content-type': 'text/plain' }),
  ],
  [
    'media_type',
    'a content-encoding',
    /encoding/,
    raw(JSON.stringify(good), { ...JSON_TYPE, 'content-encoding': 'gzip' }),
  ],
  [
    'wrong_region',
    "another Region's API",
    /euw1/,
    () =>
      fresh(async (token, id) =>
        callGateway({ edge: platform.regions['use1']?.api ?? '' }, 'GET', `/v1/uploads/${id}`, { token }),
      ),
  ],
];

describe('bad input', () => {
  it.each(OFFENCES)('%s: %s', async (code, _, says, send) => {
    const answer = await send();
    expect(codeOf(answer)).toBe(code);
    const problem = answer.json as ProblemBody;
    expect(answer.status).toBe(PROBLEMS[code].status);
    expect(problem).toMatchObject({
      type: `urn:nearput:problem:${code}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
    });
    expect(problem.detail).toMatch(says);
    expect(problem.requestId).toBe(answer.headers['x-request-id']);
    expect(answer.headers['cache-control']).toBe('no-store');
    if (answer.status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    if (answer.status === 405) expect(answer.headers['allow']).toBeDefined();
  });

  it('length_required: a body in chunks', async () => {
    const token = await mint(platform);
    const answer = await new Promise<{ status: number; body: string }>((resolve, reject) => {
      const sent = request(
        `${platform.edge}/v1/documents`,
        { method: 'POST', headers: { ...JSON_TYPE, authorization: `Bearer ${token}` } },
        (response) => {
          let body = '';
          response.on('data', (chunk: Buffer) => {
            body += chunk.toString('utf8');
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        },
      );
      sent.on('error', reject);
      sent.write('{');
      sent.end('}');
    });
    expect(answer.status).toBe(411);
    expect(JSON.parse(answer.body)).toMatchObject({
      code: 'length_required',
      detail: expect.stringMatching(/content-length/i),
    });
  });

  it('token_malformed: two Authorization headers', async () => {
    const token = await mint(platform);
    const answer = await callGateway(platform, 'GET', '/v1/whoami', {
      headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] },
    });
    expect(codeOf(answer)).toBe('token_malformed');
  });

  it('an unproven token tells nothing but that it is not trusted', async () => {
    const answers = [
      await claims({ iss: 'https://unknown.example/' }),
      await claims({}, { kid: 'unknown' }),
      await whoami(await signOwn({ ...narrow, privateJwk: limited.privateJwk })),
    ];
    for (const answer of answers) {
      expect({ ...(answer.json as object), requestId: '' }).toEqual({ ...(answers[0]?.json as object), requestId: '' });
    }
  });

  it('leaves nothing behind', async () => {
    const token = await mint(platform, { sub: 'leaves-nothing' });
    for (const body of [
      { ...good, size: -1 },
      { ...good, method: 'ftp' },
      { ...good, type: 'X' },
    ]) {
      expect((await callGateway(platform, 'POST', '/v1/uploads', { token, body })).status).toBe(400);
    }
    expect((await callGateway(platform, 'GET', '/v1/uploads', { token })).json).toEqual({
      items: [],
      nextCursor: null,
      unavailable: [],
    });
  });

  it('CORS answers the configured origin and no other', async () => {
    const preflight = (origin: string) =>
      ask(`${platform.edge}/v1/uploads`, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      });
    const foreign = await preflight('https://evil.example');
    expect(foreign.headers['access-control-allow-origin']).toBeUndefined();
    expect(foreign.headers['access-control-allow-credentials']).toBeUndefined();
    expect(String(foreign.headers['vary'])).toMatch(/origin/i);
  });

  it('a finished upload keeps its bytes whatever was refused', async () => {
    const token = await mint(platform, { sub: 'keeps' });
    const file = someFile();
    const { created } = await uploadBytes(platform, token, file);
    expect((await put(created, file.bytes)).status).toBe(412);
    expect(codeOf(await callGateway(platform, 'POST', `/v1/uploads/${created.id}/abort`, { token }))).toBe(
      'already_complete',
    );
    expect((await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token })).json).toMatchObject({
      state: 'UPLOADED',
    });
  });
});
