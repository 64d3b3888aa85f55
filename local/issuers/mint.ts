import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { PERMISSIONS } from '../../core/contract/states.ts';
import { ISSUER_PREFIX, ISSUERS, type IssuerId } from './issuers.ts';
import type { IssuerKey } from './key-store.ts';

/** Life of a token when none is asked for, in seconds. */
const DEFAULT_LIFE_SECONDS = 3_600;

/**
 * A token of issuer `id`, signed with `key`. `wish` is the request's JSON: `header` is merged over the header,
 * `expiresIn` (seconds, may be negative) moves `exp`, every other member is a claim over the defaults, and a claim that is
 * null is left out. Throws a `TypeError` with a sentence when the wish cannot be met.
 */
export async function mint(
  id: IssuerId,
  key: IssuerKey,
  wish: Readonly<Record<string, unknown>>,
  nowMs: number,
): Promise<string> {
  const { header = {}, expiresIn = DEFAULT_LIFE_SECONDS, ...claims } = wish;
  if (typeof expiresIn !== 'number' || !Number.isFinite(expiresIn)) throw new TypeError('expiresIn is seconds');
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new TypeError('header is an object');
  const now = Math.floor(nowMs / 1000);
  const payload = {
    iss: `${ISSUER_PREFIX}${id}`,
    sub: 'user',
    tenant: 't1',
    aud: 'nearput',
    scope: PERMISSIONS.join(' '),
    iat: now,
    exp: now + expiresIn,
    jti: randomUUID(),
    ...claims,
  };
  const algorithm = ISSUERS.find((issuer) => issuer.id === id)?.algorithm ?? 'RS256';
  const asked = withoutNull(header);
  if ('alg' in asked && asked['alg'] !== algorithm) throw new TypeError(`${id} signs with ${algorithm} alone`);
  return new SignJWT(withoutNull(payload))
    .setProtectedHeader({ ...withoutNull({ typ: 'JWT', kid: key.kid, ...header }), alg: algorithm })
    .sign(key.key);
}

function withoutNull(members: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null));
}
