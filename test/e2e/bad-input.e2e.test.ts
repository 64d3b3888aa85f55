import { request } from 'node:http';
import { describe, expect, inject, it } from 'vitest';
import { ask, callGateway, codeOf, create, finalize, mint, sha256Hex, until } from '../support/gateway.ts';
import {
  createWith,
  describeOffences,
  finished,
  fresh,
  good,
  JSON_TYPE,
  type Offence,
  type RefusedCreate,
  raw,
  withToken,
} from '../support/offence.ts';

const platform = inject('platform');

const REFUSED_CREATES: readonly RefusedCreate[] = [
  ['body_not_json', 'half a JSON text', /JSON/, raw('{"name":', JSON_TYPE)],
  ['request_invalid', 'a negative size', /\/size/, createWith({ body: { ...good, size: -1 } })],
  ['request_invalid', 'an unknown method', /\/method/, createWith({ body: { ...good, method: 'ftp' } })],
  ['request_invalid', 'a type without a slash', /\/type/, createWith({ body: { ...good, type: 'X' } })],
  ['request_invalid', 'an unknown member', /\/colour/, createWith({ body: { ...good, colour: 'red' } })],
  ['request_invalid', 'parts of a PUT', /\/partSize/, createWith({ body: { ...good, partSize: 8_388_608 } })],
  [
    'request_invalid',
    'parts that would be too many',
    /\/partSize .*6291456/,
    createWith({ body: { ...good, size: 52_428_800_001, partSize: 5_242_880 } }),
  ],
  [
    'method_unavailable',
    'more than one PUT takes',
    /5368709120|5,368,709,120/,
    createWith({ body: { ...good, size: 5_368_709_121, method: 'put' } }),
  ],
  [
    'metadata_too_large',
    'too much metadata',
    /1200|1,200/,
    createWith({ body: { ...good, metadata: { a: 'x'.repeat(1_200) } } }),
  ],
  ['idempotency_key_invalid', 'a short key', /16/, createWith({ headers: { 'idempotency-key': 'short' } })],
  [
    'idempotency_key_invalid',
    'two keys',
    /Idempotency-Key/i,
    createWith({ headers: { 'idempotency-key': ['a'.repeat(16), 'b'.repeat(16)] } }),
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
];

const OFFENCES: readonly Offence[] = [
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
  [
    'method_unavailable',
    'parts of an upload by one PUT',
    /no parts/,
    () =>
      fresh((token, id) =>
        callGateway(platform, 'POST', `/v1/uploads/${id}/parts`, { token, body: { uploadId: 'u', numbers: [1] } }),
      ),
  ],
  ['cursor_invalid', 'an invented cursor', /nextCursor/, () => withToken('GET', '/v1/uploads?cursor=invented')],
  ['route_not_found', 'another path', /\/v1\/uploads|openapi/, () => withToken('GET', '/v1/files')],
  ['route_not_found', 'an encoded slash', /./, () => withToken('GET', '/v1/uploads%2F')],
  ['method_not_allowed', 'another method', /GET, POST|POST, GET/, () => withToken('PUT', '/v1/uploads')],
];

describeOffences('a create with one thing wrong', REFUSED_CREATES);
describeOffences('a bad request', OFFENCES);

describe('whatever is refused', () => {
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

  it('leaves nothing behind: of every refused create and one good one, the good one alone is listed', async () => {
    const sub = 'leaves-nothing';
    const token = await mint(platform, { sub });
    for (const [code, change, , send] of REFUSED_CREATES) expect(codeOf(await send(sub)), change).toBe(code);
    const { id } = await create(platform, token, good);
    const listed = await until(
      () => callGateway(platform, 'GET', '/v1/uploads', { token }),
      ({ json }) => (json as { items: unknown[] }).items.length > 0,
    );
    expect(listed.json).toEqual({ items: [expect.objectContaining({ id })], nextCursor: null, unavailable: [] });
  });
});

describe('CORS', () => {
  const CONFIGURED = 'http://localhost:5173';
  const preflight = (origin: string) =>
    ask(`${platform.edge}/v1/uploads`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
  const plain = (origin: string) => ask(`${platform.edge}/v1/health`, { headers: { origin } });

  it('lets a page of a configured origin send what the API takes and read the answer, without credentials', async () => {
    for (const { status, headers } of [await preflight(CONFIGURED), await plain(CONFIGURED)]) {
      expect(status).toBeLessThan(300);
      expect(headers['access-control-allow-origin']).toBe(CONFIGURED);
      expect(headers['access-control-allow-credentials']).toBeUndefined();
      expect(String(headers['vary'])).toMatch(/origin/i);
    }
    const { headers } = await preflight(CONFIGURED);
    expect(headers['access-control-allow-methods']).toMatch(/\bPOST\b/);
    expect(headers['access-control-allow-headers']).toMatch(/\bauthorization\b/);
    expect(headers['access-control-allow-headers']).toMatch(/\bcontent-type\b/);
  });

  it.each(['https://evil.example', 'http://localhost:5173.evil.example', 'https://localhost:5173', 'null'])(
    'gives a page of %s nothing',
    async (origin) => {
      for (const { headers } of [await preflight(origin), await plain(origin)]) {
        expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
        expect(String(headers['vary'])).toMatch(/origin/i);
      }
    },
  );
});
