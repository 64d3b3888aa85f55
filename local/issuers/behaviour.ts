import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IssuerId } from './issuers.ts';
import { generateKey, type IssuerKey, publicJwk } from './key-store.ts';

/**
 * How an issuer's key-set address behaves. `ok`: as it should · `error`: 500 · `not-found`: 404 · `hang`: headers never come ·
 * `slow`: `delayMs` (default 5,000) before a good answer · `drip`: a good answer, one byte a second · `reset`: the connection is cut ·
 * `huge`: more than 1 MiB · `redirect`: 302 to the true set · `html`: a page, with 200 · `broken`: JSON cut short ·
 * `empty`: no keys · `wrong`: somebody else's keys under the same kid · `private`: private members published · `weak`: 1,024-bit RSA.
 */
export const MODES = [
  'ok',
  'error',
  'not-found',
  'hang',
  'slow',
  'drip',
  'reset',
  'huge',
  'redirect',
  'html',
  'broken',
  'empty',
  'wrong',
  'private',
  'weak',
] as const;
export type Mode = (typeof MODES)[number];

export interface Behaviour {
  readonly mode: Mode;
  readonly delayMs: number;
}

export const GOOD: Behaviour = { mode: 'ok', delayMs: 0 };

/** Answers a key-set request of an issuer that behaves as it is told. */
export async function answerKeySet(
  response: ServerResponse,
  { id, path, keys }: { readonly id: IssuerId; readonly path: string; readonly keys: readonly IssuerKey[] },
  { mode, delayMs }: Behaviour,
): Promise<void> {
  const good = JSON.stringify({ keys: keys.map(publicJwk) });
  const send = (status: number, body: string, type = 'application/json'): void => {
    response.writeHead(status, { 'content-type': type, 'cache-control': 'public, max-age=60' });
    response.end(body);
  };
  switch (mode) {
    case 'ok':
      return send(200, good);
    case 'error':
      return send(500, '{"error":"server_error"}');
    case 'not-found':
      return send(404, '{"error":"not_found"}');
    case 'hang':
      return;
    case 'slow':
      await sleep(delayMs);
      return send(200, good);
    case 'drip':
      return drip(response, good);
    case 'reset':
      response.destroy();
      return;
    case 'huge':
      return send(200, JSON.stringify({ keys: keys.map(publicJwk), padding: 'x'.repeat(1_100_000) }));
    case 'redirect':
      response.writeHead(302, { location: `${path}?redirected=1` });
      response.end();
      return;
    case 'html':
      return send(200, '<!doctype html><title>Sign in</title>', 'text/html');
    case 'broken':
      return send(200, good.slice(0, -10));
    case 'empty':
      return send(200, '{"keys":[]}');
    case 'wrong':
      return send(200, JSON.stringify({ keys: await Promise.all(keys.map(({ kid }) => strangeKey(id, kid))) }));
    case 'private':
      return send(200, JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }));
    case 'weak':
      return send(200, JSON.stringify({ keys: keys.map(({ kid }) => weakKey(kid)) }));
  }
}

async function strangeKey(id: IssuerId, kid: string): Promise<object> {
  return { ...publicJwk(await generateKey(id)), kid };
}

function weakKey(kid: string): object {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
  return { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' };
}

async function drip(response: ServerResponse, body: string): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/json' });
  for (const character of body) {
    if (response.destroyed) return;
    response.write(character);
    await sleep(1000);
  }
  response.end();
}
