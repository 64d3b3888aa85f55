import { describe, expect, it } from 'vitest';
import openapi from '../docs/openapi.json' with { type: 'json' };
import { createTestIssuer } from './testing/issuer.ts';
import { createWorld, jsonOf, testConfig } from './testing/world.ts';

describe('whoami', () => {
  it('says who calls, what is allowed and where the next upload would go', async () => {
    const answer = await createWorld().ask({});
    expect([answer.status, jsonOf(answer)]).toEqual([
      200,
      {
        issuer: 'acme',
        tenant: 't1',
        subject: 'user',
        permissions: ['uploads:create', 'uploads:read', 'uploads:delete', 'documents:create'],
        limits: { minBytes: 0, maxBytes: 5_368_709_120, types: ['*/*', 'image/svg+xml'], urlTtlSeconds: 900 },
        regions: ['euw1', 'use1', 'apse2'],
        nearest: 'euw1',
        regionReason: 'viewer-location',
        tokenExpiresAt: '2026-11-21T13:00:00.000Z',
      },
    ]);
  });

  it('works without any permission', async () => {
    const world = createWorld();
    const answer = await world.ask({ headers: { authorization: `Bearer ${world.first.token({ scope: '' })}` } });
    expect([answer.status, jsonOf(answer)['permissions']]).toEqual([200, []]);
  });

  it('names no nearest Region when there is none', async () => {
    const answer = await createWorld({ drain: ['euw1', 'use1', 'apse2'] }).ask({});
    expect(jsonOf(answer)).toMatchObject({ nearest: null, regionReason: null, regions: ['euw1', 'use1', 'apse2'] });
  });

  it('names only deployed Regions', async () => {
    const world = createWorld({
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, regions: ['use1', 'euc1'] } })];
      },
    });
    expect(jsonOf(await world.ask({}))['regions']).toEqual(['use1']);
  });
});

describe('public routes', () => {
  const anonymous = { headers: { authorization: undefined } };

  it('health needs no token and no registry', async () => {
    const world = createWorld({ registry: 'never' });
    const answer = await world.ask({ uri: '/v1/health', ...anonymous });
    expect([answer.status, jsonOf(answer)]).toEqual([200, { status: 'ok', version: '1.2.3' }]);
    expect(world.sent).toEqual([]);
  });

  it('the OpenAPI document is the one in docs', async () => {
    const answer = await createWorld().ask({ uri: '/v1/openapi.json', ...anonymous });
    expect(jsonOf(answer)).toEqual(openapi);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.body.length).toBeLessThan(900_000);
  });

  it('HEAD has the headers of GET and no body', async () => {
    const answer = await createWorld().ask({ method: 'HEAD', uri: '/v1/health', ...anonymous });
    expect([answer.status, answer.body]).toEqual([200, '']);
    expect(answer.headers['content-type']).toBe('application/json');
  });
});

describe('every answer', () => {
  it.each([
    ['200', '/v1/whoami', 200],
    ['404', '/v1/nothing', 404],
  ])('%s carries the request id, no-store and nosniff', async (_, uri, status) => {
    const answer = await createWorld().ask({ uri });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-request-id': 'EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      vary: 'Origin',
    });
  });

  it('takes no request id from a client', async () => {
    const answer = await createWorld().ask({ uri: '/v1/health', headers: { 'x-request-id': 'mine' } });
    expect(answer.headers['x-request-id']).toBe('EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==');
  });

  it('shows where the time went, but not on 401 and 404', async () => {
    const world = createWorld();
    expect((await world.ask({})).headers['server-timing']).toMatch(
      /^registry;dur=[\d.]+, token;dur=[\d.]+, choose;dur=[\d.]+, total;dur=[\d.]+$/,
    );
    expect((await world.ask({ headers: { authorization: undefined } })).headers).not.toHaveProperty('server-timing');
    expect((await world.ask({ uri: '/v1/nothing' })).headers).not.toHaveProperty('server-timing');
  });
});

describe('CORS', () => {
  const from = (origin: string | readonly string[], extra = {}) => ({ headers: { origin, ...extra } });

  it('names a configured origin exactly, never with credentials', async () => {
    const { headers } = await createWorld().ask(from('https://app.example'));
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'x-request-id, retry-after, www-authenticate, allow, server-timing',
      vary: 'Origin',
    });
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  it('stands on refusals too', async () => {
    const { status, headers } = await createWorld().ask(from('https://app.example', { authorization: undefined }));
    expect([status, headers['access-control-allow-origin']]).toEqual([401, 'https://app.example']);
  });

  it.each([
    'https://evil.example',
    'https://app.example.evil.example',
    'http://app.example',
    'https://app.example:444',
    'null',
    'https://APP.example',
  ])('says nothing to %s', async (origin) => {
    const { headers } = await createWorld().ask(from(origin));
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(headers['vary']).toBe('Origin');
  });

  it('says nothing to two origins', async () => {
    const { headers } = await createWorld().ask(from(['https://app.example', 'https://app.example']));
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('answers a preflight without a token and without a body', async () => {
    const answer = await createWorld({ registry: 'never' }).ask({
      method: 'OPTIONS',
      uri: '/v1/uploads',
      ...from('https://app.example', { 'access-control-request-method': 'POST', authorization: undefined }),
    });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-allow-methods': 'POST, GET, OPTIONS',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key, content-digest',
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    });
  });

  it('gives a foreign preflight no permission', async () => {
    const answer = await createWorld().ask({ method: 'OPTIONS', uri: '/v1/uploads', ...from('https://evil.example') });
    expect(answer.status).toBe(204);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('answers a preflight for an unknown path 404', async () => {
    const answer = await createWorld().ask({ method: 'OPTIONS', uri: '/v1/x', ...from('https://app.example') });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([404, 'route_not_found']);
  });
});

describe('configuration', () => {
  it.each([
    ['missing', {}],
    ['not base64url of JSON', { 'x-nearput-config-1': '!!!' }],
    ['of another version', { 'x-nearput-config-1': Buffer.from('{"v":2}').toString('base64url') }],
  ])('%s is 500 configuration on every route, and says nothing of itself', async (_, customHeaders) => {
    const world = createWorld({ customHeaders });
    for (const uri of ['/v1/health', '/v1/whoami', '/v1/nothing']) {
      const answer = await world.ask({ uri });
      expect([answer.status, jsonOf(answer)['code']]).toEqual([500, 'configuration']);
      expect(answer.body).not.toContain('x-nearput');
    }
    expect(world.logged()).toMatchObject({ level: 'ERROR', code: 'configuration' });
    expect(world.logged()['reason']).toMatch(/gate configuration/);
  });

  it('names every fault in the log', async () => {
    const faulty = { ...testConfig(), urlExpiry: 5, defaultRegion: 'nowhere!' };
    const text = Buffer.from(JSON.stringify(faulty)).toString('base64url');
    const world = createWorld({ customHeaders: { 'x-nearput-config-1': text } });
    await world.ask({ uri: '/v1/health' });
    expect(world.logged()['reason']).toContain('/urlExpiry');
    expect(world.logged()['reason']).toContain('/defaultRegion');
  });

  it('is read from the origin alone, never from the client', async () => {
    const good = createWorld().customHeaders;
    const answer = await createWorld({ customHeaders: {} }).ask({ uri: '/v1/health', headers: good });
    expect(answer.status).toBe(500);
  });
});

describe('an event that is none', () => {
  it.each([
    ['no records', { Records: [] }],
    ['nothing at all', {}],
    ['a request without headers', { Records: [{ cf: { config: {}, request: {} } }] }],
  ])('%s is answered 500 internal', async (_, event) => {
    const world = createWorld();
    const answer = (await world.handler(event as never)) as { status: string; body: string };
    expect(answer.status).toBe('500');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'internal', requestId: 'made-up-request-id' });
    expect(world.logged()).toMatchObject({ code: 'internal', level: 'ERROR' });
  });
});
