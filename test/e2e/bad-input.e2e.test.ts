import { request } from 'node:http';
import { describe, expect, inject, it } from 'vitest';
import { ask, callGateway, finalize, mint, sha256Hex } from '../support/gateway.ts';
import {
  createWith,
  describeOffences,
  finished,
  fresh,
  good,
  JSON_TYPE,
  type Offence,
  raw,
  withToken,
} from '../support/offence.ts';

const platform = inject('platform');

const OFFENCES: readonly Offence[] = [
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
  ['route_not_found', 'another path', /\/v1\/uploads|openapi/, () => withToken('GET', '/v1/files')],
  ['route_not_found', 'an encoded slash', /./, () => withToken('GET', '/v1/uploads%2F')],
  ['method_not_allowed', 'another method', /GET, POST|POST, GET/, () => withToken('PUT', '/v1/uploads')],
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
});
