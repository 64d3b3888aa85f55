import { beforeEach, describe, expect, it } from 'vitest';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  signToken,
} from '../../core/identity/testing/issuers.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { OWNER } from '../testing/subjects.ts';

let world: ApiWorld;
let id: string;

beforeEach(() => {
  world = createApiWorld();
  const upload = world.grant();
  world.objects.put(upload.subject, upload.head);
  id = upload.subject.id;
});

/** Every route of the API with a permission of its own, for one upload. */
const routes = (upload: string): readonly (readonly [string, string, string])[] => [
  ['POST', `/v1/uploads/${upload}/finalize`, 'uploads:create'],
  ['POST', `/v1/uploads/${upload}/abort`, 'uploads:create'],
  ['GET', `/v1/uploads/${upload}/parts`, 'uploads:create'],
  ['GET', `/v1/uploads/${upload}`, 'uploads:read'],
  ['GET', `/v1/uploads/${upload}/content`, 'uploads:read'],
  ['DELETE', `/v1/uploads/${upload}`, 'uploads:delete'],
  ['POST', `/v1/uploads/${upload}/restore`, 'uploads:delete'],
];

const callerRoutes: readonly (readonly [string, string, string])[] = [
  ['GET', '/v1/uploads', 'uploads:read'],
  ['POST', '/v1/documents', 'documents:create'],
];

const OTHER = createTestIssuer('other', 'ES256');

describe('every route of the API', () => {
  it.each([...routes('ID'), ...callerRoutes])('%s %s needs a token', async (method, path) => {
    expect(await problemLine(await world.ask(method, path.replace('ID', id), { token: null }))).toBe(
      '401 token_missing',
    );
    expect(world.store.all()).toEqual([]);
  });

  it.each([...routes('ID'), ...callerRoutes])('%s %s needs %s', async (method, path, permission) => {
    const all = ['uploads:create', 'uploads:read', 'uploads:delete', 'documents:create'];
    const token = world.tokenWith({ scope: all.filter((one) => one !== permission).join(' ') });
    const problem = await readProblem(await world.ask(method, path.replace('ID', id), { token }));
    expect(`${problem.status} ${problem.code}`).toBe('403 permission_missing');
    expect(problem.detail).toContain(permission);
    expect(world.store.all()).toEqual([]);
  });

  it.each(routes('ID'))('%s %s answers foreign, unknown and misspelt ids byte for byte alike', async (method, path) => {
    const foreign = world.grant({ ownerKey: OWNER });
    world.objects.put(foreign.subject, foreign.head);
    const last = id.slice(-1) === 'a' ? 'b' : 'a';
    const ids = [
      foreign.subject.id,
      world.grant({ ownerKey: OWNER, seed: 'never' }).subject.id,
      id.slice(0, -1),
      `${id.slice(0, -1)}${last}`,
      id.toUpperCase(),
      `%65${id.slice(1)}`,
      world.grant({ region: 'apse2' }).subject.id,
      'x',
    ];
    const answers: string[] = [];
    for (const other of ids) {
      const how = { headers: { 'x-request-id': 'request-0001' } };
      const response = await world.ask(method, path.replace('ID', other), how);
      answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`);
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 .*upload_not_found/);
    expect(world.store.all()).toEqual([]);
    expect(world.objects.calls).toEqual([]);
  });

  it.each(routes('ID'))(
    "%s %s answers 421 for another Region's id, own or foreign, and touches nothing",
    async (method, path) => {
      for (const ownerKey of [world.owner, OWNER]) {
        const elsewhere = world.grant({ region: 'use1', ownerKey }).subject.id;
        expect(await problemLine(await world.ask(method, path.replace('ID', elsewhere)))).toBe('421 wrong_region');
      }
      expect(world.objects.calls).toEqual([]);
      expect(world.store.all()).toEqual([]);
    },
  );

  it('checks the token before it says that a Region is wrong', async () => {
    const elsewhere = world.grant({ region: 'use1' }).subject.id;
    expect(await problemLine(await world.ask('GET', `/v1/uploads/${elsewhere}`, { token: null }))).toBe(
      '401 token_missing',
    );
  });

  it.each(routes('ID'))('%s %s where the issuer may no longer write', async (method, path, permission) => {
    const limits = { ...world.entry.limits, regions: ['use1'] };
    world.registry.current = createTestRegistry([{ ...world.entry, limits }]);
    const response = await world.ask(method, path.replace('ID', id));
    if (permission === 'uploads:create') expect(await problemLine(response)).toBe('403 region_not_allowed');
    else expect(response.status).toBeLessThan(500);
    if (permission !== 'uploads:create') expect(response.status).not.toBe(403);
  });
});

describe('tokens', () => {
  const read = (token: string | null, headers = {}) => world.ask('GET', `/v1/uploads/${id}`, { token, headers });

  it.each([
    ['token_malformed', () => 'not.a.token'],
    ['token_untrusted', () => signToken(OTHER)],
    ['token_expired', () => world.tokenWith({ iat: 1_795_210_000, exp: 1_795_213_000 })],
    ['token_too_old', () => world.tokenWith({ exp: 1_795_219_200 + 3_600 })],
    ['token_not_yet_valid', () => world.tokenWith({ nbf: 1_795_219_300 })],
    ['audience_mismatch', () => world.tokenWith({ aud: 'another' })],
    ['claims_invalid', () => world.tokenWith({ sub: '' })],
  ])('%s is 401 with WWW-Authenticate', async (code, write) => {
    const response = await read(write());
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
    expect(response.headers.get('server-timing')).toBeNull();
    expect(await problemLine(response)).toBe(`401 ${code}`);
  });

  it('of a revoked kind are 401 token_revoked', async () => {
    const at = '2026-11-21T00:00:00.000Z';
    const revocations = { disabled: [{ issuer: 'acme', at, reason: 'test' }] };
    world.registry.current = createTestRegistry([world.entry], { revocations });
    expect(await problemLine(await read(world.tokenWith()))).toBe('401 token_revoked');
  });

  it('of an unusual type are 401 token_type', async () => {
    world.registry.current = createTestRegistry([{ ...world.entry, tokenTypes: ['JWT'] }]);
    expect(await problemLine(await read(world.tokenWith()))).toBe('401 token_type');
  });

  it('that come twice are malformed', async () => {
    const response = await world.ask('GET', `/v1/uploads/${id}`, {
      token: null,
      headers: { authorization: `Bearer ${world.tokenWith()}, Bearer ${world.tokenWith()}` },
    });
    expect(await problemLine(response)).toBe('401 token_malformed');
  });

  it('are nobody else: another subject, tenant or issuer with the same subject finds nothing', async () => {
    await world.ask('POST', `/v1/uploads/${id}/finalize`);
    const entry = createTestEntry(OTHER, { limits: world.entry.limits });
    world.registry.current = createTestRegistry([world.entry, entry]);
    const scope = { scope: 'uploads:read' };
    for (const token of [
      world.tokenWith({ sub: 'other' }),
      world.tokenWith({ org: { id: 't2' } }),
      signToken(OTHER, { claims: scope }),
    ]) {
      expect(await problemLine(await read(token))).toBe('404 upload_not_found');
    }
    expect((await read(world.tokenWith(scope))).status).toBe(200);
  });
});

describe('paths', () => {
  it.each([
    ['GET', '/v1/nothing', '404 route_not_found'],
    ['GET', '/', '404 route_not_found'],
    ['GET', '/v1/uploads/', '404 route_not_found'],
    ['GET', '/v1/whoami', '404 route_not_found'],
    ['POST', '/v1/uploads/x/renew', '404 route_not_found'],
    ['GET', '/v1/documents', '405 method_not_allowed'],
    ['PUT', '/v1/uploads/x', '405 method_not_allowed'],
    ['GET', '/v1/uploads/x/finalize', '405 method_not_allowed'],
  ])('%s %s is %s', async (method, path, line) => {
    expect(await problemLine(await world.ask(method, path))).toBe(line);
  });

  it.each([
    ['PUT', '/v1/uploads/x', 'GET, DELETE'],
    ['HEAD', '/v1/uploads/x', 'GET, DELETE'],
    ['OPTIONS', '/v1/uploads/x', 'GET, DELETE'],
    ['PUT', '/v1/uploads', 'GET'],
    ['POST', '/v1/uploads', 'GET'],
    ['POST', '/v1/uploads/x/parts', 'GET'],
  ])('that %s %s does not take say what they take here, not at the edge', async (method, path, allow) => {
    const response = await world.ask(method, path);
    expect([response.status, response.headers.get('allow')]).toEqual([405, allow]);
  });

  it('whose routes this version does not have are 400 method_unavailable', async () => {
    expect(await problemLine(await world.ask('POST', '/v1/documents', { json: {} }))).toBe('400 method_unavailable');
    expect(await problemLine(await world.ask('GET', `/v1/uploads/${id}/parts`))).toBe('400 method_unavailable');
  });
});

describe('every answer', () => {
  it('carries the request id it was given, if it looks like one', async () => {
    const ask = (given: string) => world.ask('GET', `/v1/uploads/${id}`, { headers: { 'x-request-id': given } });
    expect((await ask('edge-request-1')).headers.get('x-request-id')).toBe('edge-request-1');
    expect((await ask('short')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('x'.repeat(129))).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await ask('with "quotes"')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is never stored, and says where its time went', async () => {
    const response = await world.ask('GET', `/v1/uploads/${id}`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('server-timing')).toMatch(/^registry;dur=.*total;dur=/);
  });

  it.each([
    ['https://app.example', 'https://app.example'],
    ['https://app.example.evil', null],
    ['null', null],
  ])('from origin %s allows %s', async (origin, allowed) => {
    const response = await world.ask('GET', `/v1/uploads/${id}`, { headers: { origin } });
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed);
    expect(response.headers.get('timing-allow-origin')).toBe(allowed);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('vary')).toBe('origin');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it('also a refusal, has CORS headers', async () => {
    const response = await world.ask('GET', '/v1/uploads', { token: null, headers: { origin: 'https://app.example' } });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example');
  });

  it('has one log line, without token', async () => {
    const token = world.tokenWith();
    await world.ask('POST', `/v1/uploads/${id}/abort`, { token, headers: { 'x-request-id': 'request-0001' } });
    expect(world.lines).toMatchObject([
      {
        message: 'request',
        fields: {
          requestId: 'request-0001',
          route: 'abortUpload',
          status: 409,
          code: 'already_complete',
          issuer: 'acme',
          kid: 'acme-1',
          region: 'euw1',
        },
      },
    ]);
    expect(JSON.stringify(world.lines)).not.toContain(token.split('.')[2]);
  });

  it('to a hostile token logs its kid escaped and cut', async () => {
    const token = signToken(OTHER, { header: { kid: `a"é${'x'.repeat(100)}` } });
    await world.ask('GET', '/v1/uploads', { token });
    const kid = String(world.lines[0]?.fields['kid']);
    expect(kid).toMatch(/^a\\"\\u00e9x+$/);
    expect(kid.length).toBeLessThanOrEqual(64);
    expect(world.lines[0]?.fields).toMatchObject({ code: 'token_untrusted', refusal: 'issuer_unknown', issuer: null });
  });
});
