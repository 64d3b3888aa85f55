import { describe, expect, it } from 'vitest';
import type { EventInput } from './testing/event.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, type World } from './testing/world.ts';

/** One refusal: what is changed in a good create, and what the caller is told. */
type Lie = readonly [what: string, status: number, code: string, change: (world: World) => EventInput, advice: RegExp];

const header = (name: string, value: string | readonly string[] | undefined) => (): EventInput => ({
  ...CREATE,
  headers: { [name]: value },
});
const body = (change: Record<string, unknown>) => (): EventInput => ({ ...CREATE, body: { ...GOOD_BODY, ...change } });
const inParts = (change: Record<string, unknown>) => body({ method: 'multipart', ...change });
const TOO_MUCH = 5_368_709_121;
const FILE_NAME_TYPE = 'text/plain; x="$\u007bfilename}"';
const token =
  (claims: Record<string, unknown>, head: Record<string, unknown> = {}) =>
  (world: World) => ({
    ...CREATE,
    headers: { authorization: `Bearer ${world.first.token(claims, head)}` },
  });
const noon = 1_795_262_400;

const LIES: readonly Lie[] = [
  ['an unknown path', 404, 'route_not_found', () => ({ ...CREATE, uri: '/v1/upload' }), /path/],
  ['a path with percent-encoding', 404, 'route_not_found', () => ({ ...CREATE, uri: '/v1/uploa%64s' }), /path/],
  ['a path with a slash more', 404, 'route_not_found', () => ({ ...CREATE, uri: '/v1/uploads/' }), /path/],
  ['a path in capitals', 404, 'route_not_found', () => ({ ...CREATE, uri: '/V1/uploads' }), /path/],
  ['another method', 405, 'method_not_allowed', () => ({ ...CREATE, method: 'PUT' }), /POST, GET, OPTIONS/],

  ['no token', 401, 'token_missing', header('authorization', undefined), /Authorization: Bearer/],
  [
    'two tokens',
    401,
    'token_malformed',
    (w) => header('authorization', [`Bearer ${w.first.token()}`, `Bearer ${w.first.token()}`])(),
    /exactly one/,
  ],
  ['another scheme', 401, 'token_malformed', header('authorization', 'Basic dXNlcjpwYXNz'), /Bearer/],
  ['a token of two parts', 401, 'token_malformed', header('authorization', 'Bearer e30.e30'), /JWT/],
  ['an unknown issuer', 401, 'token_untrusted', token({ iss: 'https://issuer.example/acme/' }), /configured issuer/],
  ['an unknown key', 401, 'token_untrusted', token({}, { kid: 'acme-2' }), /configured issuer/],
  ['another type of token', 401, 'token_type', token({}, { typ: 'at+jwt' }), /type/],
  ['an ended token', 401, 'token_expired', token({ iat: noon - 3_600, exp: noon - 60 }), /fresh token/],
  ['a token of tomorrow', 401, 'token_not_yet_valid', token({ nbf: noon + 600 }), /Wait/],
  ['a token of long life', 401, 'token_too_old', token({ exp: noon + 86_400 * 2 }), /fresh token, with a shorter life/],
  ['another audience', 401, 'audience_mismatch', token({ aud: 'other' }), /audience/],
  ['no tenant', 401, 'claims_invalid', token({ tenant: undefined }), /claim/],
  ['no permission', 403, 'permission_missing', token({ scope: 'uploads:read' }), /uploads:create/],

  ['a query parameter', 400, 'request_invalid', () => ({ ...CREATE, query: 'dryRun=1' }), /takes no parameters/],
  ['no content-type', 415, 'media_type', header('content-type', undefined), /application\/json/],
  ['another content-type', 415, 'media_type', header('content-type', 'text/plain'), /application\/json/],
  ['another charset', 415, 'media_type', header('content-type', 'application/json; charset=latin1'), /UTF-8/],
  ['a content-encoding', 415, 'media_type', header('content-encoding', 'gzip'), /without content-encoding/],
  [
    'a body of one byte too many',
    413,
    'body_too_large',
    () => ({ ...CREATE, body: Buffer.alloc(65_537, ' ') }),
    /65536/,
  ],
  [
    'as many without a declared length',
    413,
    'body_too_large',
    () => ({ ...CREATE, body: Buffer.alloc(65_537, ' '), headers: { 'content-length': undefined } }),
    /65536/,
  ],
  ['a declared length of too many', 413, 'body_too_large', header('content-length', '65537'), /65536/],
  ['a truncated body', 413, 'body_too_large', () => ({ ...CREATE, truncated: true }), /65536/],
  ['no body', 415, 'media_type', () => ({ ...CREATE, body: undefined }), /application\/json/],
  [
    'an empty body',
    400,
    'body_not_json',
    () => ({ ...CREATE, body: undefined, headers: { 'content-type': 'application/json' } }),
    /one JSON object/,
  ],
  ['half a body', 400, 'body_not_json', () => ({ ...CREATE, body: Buffer.from('{"name": "a') }), /one JSON object/],
  [
    'a body that is not UTF-8',
    400,
    'body_not_json',
    () => ({ ...CREATE, body: Buffer.from([0x22, 0xff, 0x22]) }),
    /UTF-8/,
  ],
  ['a byte order mark', 400, 'body_not_json', () => ({ ...CREATE, body: Buffer.from('\ufeff{}') }), /one JSON object/],

  ['a list for a body', 400, 'request_invalid', () => ({ ...CREATE, body: [] }), /the body must be an object/],
  ['an unknown member', 400, 'request_invalid', body({ colour: 'red' }), /\/colour is not a member/],
  ['no size', 400, 'request_invalid', body({ size: undefined }), /\/size is required/],
  ['half a byte', 400, 'request_invalid', body({ size: 1.5 }), /\/size must be a whole number/],
  ['a negative size', 400, 'request_invalid', body({ size: -1 }), /\/size must not be negative/],
  ['a type in capitals', 400, 'request_invalid', body({ type: 'Image/JPEG' }), /\/type must be one lower-case/],
  ['an empty name', 400, 'request_invalid', body({ name: '' }), /\/name must have 1 to 255/],
  [
    'a lone surrogate',
    400,
    'request_invalid',
    () => ({ ...CREATE, body: Buffer.from('{"name":"\\ud800","size":1,"type":"a/b"}') }),
    /\/name must be well-formed/,
  ],
  ['sha256 in capitals', 400, 'request_invalid', body({ sha256: 'A'.repeat(64) }), /\/sha256 must be 64 lower-case/],
  ['a number as metadata', 400, 'request_invalid', body({ metadata: { a: 1 } }), /\/metadata must be an object/],
  [
    'metadata that does not fit',
    400,
    'metadata_too_large',
    body({ metadata: { a: 'x'.repeat(1_200) } }),
    /at most 1200/,
  ],
  ['an unknown method', 400, 'request_invalid', body({ method: 'ftp' }), /\/method must be one of auto, put/],
  ['one byte too many for a PUT', 400, 'method_unavailable', body({ method: 'put', size: TOO_MUCH }), /5368709120/],
  ['one byte too many for a form', 400, 'method_unavailable', body({ method: 'form', size: TOO_MUCH }), /5368709120/],
  ["a type with a form's file name", 400, 'request_invalid', body({ method: 'form', type: FILE_NAME_TYPE }), /\/type/],
  ['a part size for a PUT', 400, 'request_invalid', body({ partSize: 8_388_608 }), /\/partSize needs method multipart/],
  [
    'part checksums for a form',
    400,
    'request_invalid',
    body({ method: 'form', partChecksum: 'sha256' }),
    /\/partChecksum/,
  ],
  ['a part size below the smallest', 400, 'request_invalid', inParts({ partSize: 4_194_304 }), /\/partSize .* 5242880/],
  [
    'a part size above the largest',
    400,
    'request_invalid',
    inParts({ partSize: 5_369_757_696 }),
    /\/partSize .* 5368709120/,
  ],
  ['a part size that is no whole MiB', 400, 'request_invalid', inParts({ partSize: 8_388_609 }), /\/partSize/],
  [
    'a part size that needs 10,001 parts',
    400,
    'request_invalid',
    inParts({ partSize: 5_242_880, size: 52_428_800_001 }),
    /\/partSize must be at least 6291456/,
  ],
  ['the SHA-256 of an upload in parts', 400, 'request_invalid', inParts({ sha256: 'a'.repeat(64) }), /\/sha256/],
  [
    'the SHA-256 of more than a PUT',
    400,
    'request_invalid',
    body({ size: TOO_MUCH, sha256: 'a'.repeat(64) }),
    /\/sha256/,
  ],
  [
    'more than S3 takes',
    400,
    'request_invalid',
    body({ size: 53_687_091_200_001 }),
    /\/size must be at most 53687091200000/,
  ],
  ['a short Idempotency-Key', 400, 'idempotency_key_invalid', header('idempotency-key', 'x'.repeat(15)), /16 to 255/],
  ['a long Idempotency-Key', 400, 'idempotency_key_invalid', header('idempotency-key', 'x'.repeat(256)), /16 to 255/],
  ['an Idempotency-Key with ü', 400, 'idempotency_key_invalid', header('idempotency-key', 'ü'.repeat(20)), /ASCII/],
  [
    'two Idempotency-Keys',
    400,
    'idempotency_key_invalid',
    header('idempotency-key', ['x'.repeat(16), 'y'.repeat(16)]),
    /one Idempotency-Key/,
  ],
  ['all Regions avoided', 403, 'region_not_allowed', body({ avoidRegions: ['euw1', 'use1', 'apse2'] }), /avoidRegions/],
];

describe('one lie in a good create', () => {
  it('is good without the lie', async () => {
    expect((await createWorld().ask(CREATE)).status).toBe(201);
  });

  it.each(LIES)('%s is %i %s', async (_, status, code, change, advice) => {
    const world = createWorld();
    const answer = await world.ask(change(world));
    expect(jsonOf(answer)).toMatchObject({
      type: `urn:nearput:problem:${code}`,
      status,
      code,
      requestId: answer.headers['x-request-id'],
    });
    expect(answer.status).toBe(status);
    expect(jsonOf(answer)['detail']).toMatch(advice);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
    expect(world.sent.some(({ url }) => url.includes('sqs'))).toBe(false);
  });

  it('names every fault of a body at once', async () => {
    const answer = await createWorld().ask({ ...CREATE, body: { name: '', size: -1, type: 'x', colour: 1 } });
    expect((jsonOf(answer)['errors'] as { path: string }[]).map(({ path }) => path).sort()).toEqual([
      '/colour',
      '/name',
      '/size',
      '/type',
    ]);
  });

  it('never repeats a broken body', async () => {
    const answer = await createWorld().ask({ ...CREATE, body: Buffer.from('{"password": hunter2}') });
    expect(answer.body).not.toMatch(/hunter|password/);
  });
});

describe("one thing beyond the issuer's limits", () => {
  const limited = (limits: Record<string, unknown>) =>
    createWorld({
      issuers: (now) => {
        const { entry } = createTestIssuer('acme', now);
        return [createTestIssuer('acme', now, { limits: { ...entry.limits, ...limits } })];
      },
    });

  it.each([
    ['a byte too many', { maxBytes: 1_233 }, 'size_not_allowed', /1233/],
    ['a byte too few', { minBytes: 1_235 }, 'size_not_allowed', /1235/],
    ['another type', { types: ['image/png'] }, 'type_not_allowed', /image\/png/],
    ['no deployed Region', { regions: ['euc1'] }, 'region_not_allowed', /none of those deployed/],
  ])('%s is 403', async (_, limits, code, advice) => {
    const answer = await limited(limits).ask(CREATE);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([403, code]);
    expect(jsonOf(answer)['detail']).toMatch(advice);
  });

  it('every allowed Region drained is 503 with Retry-After', async () => {
    const answer = await createWorld({ drain: ['euw1', 'use1', 'apse2'] }).ask(CREATE);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([503, 'region_unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('401', () => {
  it('says Bearer alone when no token came', async () => {
    const answer = await createWorld().ask({ ...CREATE, headers: { authorization: undefined } });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('looks the same for an unknown issuer as for an unknown key', async () => {
    const world = createWorld();
    const unknownIssuer = await world.ask(token({ iss: 'https://nobody.example' })(world));
    const unknownKey = await world.ask(token({}, { kid: 'other' })(world));
    expect(unknownIssuer).toEqual(unknownKey);
    expect(unknownKey.headers['www-authenticate']).toMatch(/^Bearer error="invalid_token"/);
    expect(unknownKey.headers).not.toHaveProperty('server-timing');
  });

  it('comes before anything is said about an id', async () => {
    const world = createWorld();
    const without = { headers: { authorization: undefined } };
    const invented = await world.ask({ ...without, uri: '/v1/uploads/nothing' });
    const good = jsonOf(await world.ask(CREATE))['id'] as string;
    expect(await world.ask({ ...without, uri: `/v1/uploads/${good}` })).toEqual(invented);
    expect(invented.status).toBe(401);
  });

  it('comes before the body is looked at', async () => {
    const answer = await createWorld().ask({
      ...CREATE,
      body: Buffer.from('{'),
      headers: { authorization: undefined },
    });
    expect(answer.status).toBe(401);
  });
});

describe('documents', () => {
  const DOCUMENT: EventInput = { method: 'POST', uri: '/v1/documents', body: { a: 1 } };

  it.each([
    ['no length', { 'content-length': undefined }, 411, 'length_required'],
    ['too long', { 'content-length': '10485761' }, 413, 'body_too_large'],
    ['not JSON', { 'content-type': 'text/csv' }, 415, 'media_type'],
    ['encoded', { 'content-encoding': 'identity' }, 415, 'media_type'],
    ['a short key', { 'idempotency-key': 'short' }, 400, 'idempotency_key_invalid'],
  ])('%s is refused', async (_, headers, status, code) => {
    const answer = await createWorld().ask({ ...DOCUMENT, headers });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([status, code]);
  });

  it('of the largest size go on', async () => {
    const world = createWorld();
    const forwarded = await world.forward({ ...DOCUMENT, truncated: true, headers: { 'content-length': '10485760' } });
    expect(forwarded.uri).toBe('/v1/documents');
  });
});
