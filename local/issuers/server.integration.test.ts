import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../support/clock.ts';
import type { Listening } from '../support/http.ts';
import { openKeyStore } from './key-store.ts';
import { startIssuers } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'nearput-issuers-'));
const path = join(folder, 'keys.json');
const clock = createClock();
let server: Listening;

beforeAll(async () => {
  server = await startIssuers({ port: 0, keys: await openKeyStore(path), clock });
});

afterAll(async () => {
  await server.close(100);
  rmSync(folder, { recursive: true });
});

function post(route: string, body: unknown, headers: Record<string, string> = {}, method = 'POST'): Promise<Response> {
  return fetch(`${server.url}${route}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function mint(id: string, wish: object = {}): Promise<string> {
  const answer = await post(id === '' ? '/token' : `/${id}/token`, wish);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { token: string }).token;
}

const keySet = async (id: string) =>
  (await fetch(`${server.url}/${id}/jwks.json`)).json() as Promise<{ keys: Record<string, unknown>[] }>;
const behave = (id: string, mode: string, delayMs?: number) => post(`/${id}/behaviour`, { mode, delayMs }, {}, 'PUT');

describe('tokens', () => {
  it.each([
    ['local', 'RS256'],
    ['acme', 'PS256'],
    ['globex', 'ES256'],
    ['initech', 'ES384'],
    ['umbrella', 'EdDSA'],
  ])('of %s are signed with %s and verify with its own key set alone', async (id, algorithm) => {
    const token = await mint(id);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: algorithm, typ: 'JWT' });
    const { payload } = await jwtVerify(token, createLocalJWKSet((await keySet(id)) as never));
    expect(payload.iss).toBe(`https://issuer.nearput.test/${id}`);
    const other = id === 'local' ? 'acme' : 'local';
    await expect(jwtVerify(token, createLocalJWKSet((await keySet(other)) as never))).rejects.toThrow();
  });

  it('carry the contract’s defaults', async () => {
    const before = Math.floor(Date.now() / 1000);
    const claims = decodeJwt(await mint(''));
    expect(claims).toMatchObject({
      iss: 'https://issuer.nearput.test/local',
      sub: 'user',
      tenant: 't1',
      aud: 'nearput',
      scope: 'uploads:create uploads:read uploads:delete documents:create',
    });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(3_600);
    expect(claims.iat).toBeGreaterThanOrEqual(before);
    expect(decodeJwt(await mint('')).jti).not.toBe(claims.jti);
  });

  it('take claims, header and life from the request; null leaves a member out', async () => {
    const token = await mint('globex', {
      sub: 'ada',
      scope: 'uploads:read',
      nested: { a: [1] },
      tenant: null,
      expiresIn: -60,
      header: { typ: 'at+jwt', kid: null },
    });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ sub: 'ada', scope: 'uploads:read', nested: { a: [1] } });
    expect(claims).not.toHaveProperty('tenant');
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(-60);
    expect(decodeProtectedHeader(token)).toEqual({ alg: 'ES256', typ: 'at+jwt' });
  });

  it('follow the platform’s clock', async () => {
    clock.setOffset(86_400);
    const claims = decodeJwt(await mint(''));
    clock.setOffset(0);
    expect((claims.iat ?? 0) - Date.now() / 1000).toBeGreaterThan(86_000);
  });

  it.each([
    ['another algorithm', { header: { alg: 'HS256' } }],
    ['a life that is no number', { expiresIn: 'soon' }],
    ['a header that is no object', { header: 'x' }],
    ['a list', []],
  ])('are refused for %s', async (_what, wish) => {
    expect((await post('/local/token', wish)).status).toBe(400);
  });
});

describe('pages in a browser', () => {
  it('of another origin get no token and change nothing', async () => {
    for (const [route, method] of [
      ['/token', 'POST'],
      ['/local/rotate', 'POST'],
      ['/local/behaviour', 'PUT'],
    ] as const) {
      const answer = await post(route, { mode: 'empty' }, { origin: 'https://evil.example' }, method);
      expect(answer.status, route).toBe(403);
      expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    }
    expect((await keySet('local')).keys).toHaveLength(1);
  });

  it('cannot get by without application/json, which needs a preflight that nobody answers', async () => {
    expect((await post('/token', {}, { 'content-type': 'text/plain' })).status).toBe(415);
    const preflight = await fetch(`${server.url}/token`, { method: 'OPTIONS' });
    expect(preflight.status).not.toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('get no CORS for key sets either', async () => {
    const answer = await fetch(`${server.url}/local/jwks.json`, { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('key sets', () => {
  it('hold public members only', async () => {
    for (const id of ['local', 'acme', 'globex', 'initech', 'umbrella']) {
      const [key] = (await keySet(id)).keys;
      for (const name of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(key, id).not.toHaveProperty(name);
      expect(key).toMatchObject({ use: 'sig' });
    }
  });

  it('keep the old key after a rotation unless it is dropped, and at most four', async () => {
    const old = await mint('initech');
    await post('/initech/rotate', {});
    const set = await keySet('initech');
    expect(set.keys).toHaveLength(2);
    await jwtVerify(old, createLocalJWKSet(set as never));
    expect(decodeProtectedHeader(await mint('initech')).kid).toBe(set.keys[0]?.['kid']);
    for (let i = 0; i < 4; i += 1) await post('/initech/rotate', {});
    expect((await keySet('initech')).keys).toHaveLength(4);
    await post('/initech/rotate', { drop: true });
    expect((await keySet('initech')).keys).toHaveLength(1);
  });

  it('are the same after a restart, in a file for the owner alone', async () => {
    const again = await openKeyStore(path);
    expect(again.keys('initech').map(({ kid }) => kid)).toEqual((await keySet('initech')).keys.map(({ kid }) => kid));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('misbehaviour', () => {
  const ask = async (id: string) => {
    try {
      const answer = await fetch(`${server.url}/${id}/jwks.json`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(300),
      });
      return { status: answer.status, text: await answer.text() };
    } catch (error) {
      return { status: 0, text: error instanceof Error ? error.name : '' };
    }
  };

  it.each([
    ['error', 500],
    ['not-found', 404],
    ['redirect', 302],
    ['html', 200],
    ['empty', 200],
  ])('%s answers %i', async (mode, status) => {
    await behave('acme', mode);
    expect((await ask('acme')).status).toBe(status);
    await behave('acme', 'ok');
  });

  it.each(['hang', 'slow', 'drip'])('%s does not answer in time', async (mode) => {
    await behave('acme', mode, 1_000);
    expect((await ask('acme')).text).toBe('TimeoutError');
    await behave('acme', 'ok');
  });

  it('reset cuts the connection, broken is no JSON, huge is over 1 MiB', async () => {
    await behave('acme', 'reset');
    expect((await ask('acme')).text).toBe('TypeError');
    await behave('acme', 'broken');
    const { text } = await ask('acme');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    await behave('acme', 'huge');
    expect((await ask('acme')).text.length).toBeGreaterThan(1_048_576);
    await behave('acme', 'ok');
  });

  it('wrong, private and weak publish what they must not', async () => {
    const token = await mint('acme');
    const [good] = (await keySet('acme')).keys;
    await behave('acme', 'wrong');
    const wrong = await keySet('acme');
    expect(wrong.keys[0]?.['kid']).toBe(good?.['kid']);
    await expect(jwtVerify(token, createLocalJWKSet(wrong as never))).rejects.toThrow('signature verification failed');
    await behave('acme', 'private');
    expect((await keySet('acme')).keys[0]).toHaveProperty('d');
    await behave('acme', 'weak');
    expect(Buffer.from(String((await keySet('acme')).keys[0]?.['n']), 'base64url')).toHaveLength(128);
    await behave('acme', 'ok');
    await jwtVerify(token, createLocalJWKSet((await keySet('acme')) as never));
  });

  it('of a name nobody knows is refused', async () => {
    expect((await behave('acme', 'explode')).status).toBe(400);
    expect((await post('/nobody/token', {})).status).toBe(404);
    expect((await post('/acme/everything', {})).status).toBe(404);
  });
});
