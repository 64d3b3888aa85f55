import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Algorithm, IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import { signRaw } from '../sign-raw.ts';
import type { Change, Jwk, KeyKind, KeyPair } from './types.ts';

const generate = (kind: KeyKind): { privateKey: KeyObject; algorithm: Algorithm } => {
  switch (kind) {
    case 'p256':
      return { privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, algorithm: 'ES256' };
    case 'ed25519':
      return { privateKey: generateKeyPairSync('ed25519').privateKey, algorithm: 'EdDSA' };
    case 'rsa2048':
      return { privateKey: generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey, algorithm: 'RS256' };
    case 'rsa1024':
      return { privateKey: generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey, algorithm: 'RS256' };
    case 'rsaExponent3':
      return {
        privateKey: generateKeyPairSync('rsa', { modulusLength: 2_048, publicExponent: 3 }).privateKey,
        algorithm: 'RS256',
      };
  }
};

/** A new key pair; its public half as a JWK without kid. */
export const createKeyPair = (kind: KeyKind): KeyPair => {
  const { privateKey, algorithm } = generate(kind);
  const { kty, n, e, crv, x, y } = privateKey.export({ format: 'jwk' });
  return { algorithm, privateKey, publicJwk: JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })) as Jwk };
};

/** An issuer of the catalogue: who it says it is, and the keys it signs with. */
export type Signer = {
  /** Registry id; its issuer string is `https://{id}.example/`, its kid `{id}-1`. */
  readonly id: string;
  readonly own: KeyPair;
  /** Of the same kind, and nobody's. */
  readonly other: KeyPair;
};

const issuerOf = (id: string): string => `https://${id}.example/`;
const kidOf = (id: string): string => `${id}-1`;

/** How long before `now` a good token is issued, and how long it lives, in seconds. */
export const ISSUED_AGO = 60;
const LIFE = 3_600;

const goodClaims = (id: string, now: number): Record<string, unknown> => ({
  iss: issuerOf(id),
  aud: 'nearput',
  sub: 'user',
  org: { id: 't1' },
  scope: 'uploads:create uploads:read',
  token_use: 'access',
  iat: now - ISSUED_AGO,
  exp: now - ISSUED_AGO + LIFE,
  jti: 'token-1',
});

/** Writes the token of a case at a time in seconds since 1970. */
export const writeToken = ({ id, own, other }: Signer, change: Change, now: number): string => {
  const claims = typeof change.claims === 'function' ? change.claims(now) : change.claims;
  const header = JSON.stringify({ alg: own.algorithm, kid: kidOf(id), typ: 'at+jwt', ...change.header });
  const text = JSON.stringify({ ...goodClaims(id, now), ...claims });
  const { privateKey, algorithm } = change.stolen ? other : own;
  const token = signRaw(change.rawHeader?.(header) ?? header, change.rawClaims?.(text) ?? text, privateKey, algorithm);
  if (change.mangle === undefined) return token;
  const another = signRaw(
    header,
    JSON.stringify({ ...goodClaims(id, now), sub: 'somebody-else' }),
    privateKey,
    algorithm,
  );
  return change.mangle(token, another, own.publicJwk);
};

/** The registry entry that a case's token meets. */
export const writeEntry = ({ id, own, other }: Signer, change: Change): IssuerEntry => {
  const publicJwk = { ...own.publicJwk, kid: kidOf(id), alg: own.algorithm, use: 'sig' };
  const stranger = { ...other.publicJwk, kid: `${id}-2`, alg: other.algorithm, use: 'sig' };
  return {
    id,
    issuer: issuerOf(id),
    status: 'active',
    audiences: ['nearput'],
    algorithms: [own.algorithm as Algorithm],
    tokenTypes: ['at+jwt', 'JWT'],
    keys: { jwks: { keys: change.keys?.(publicJwk, stranger) ?? [publicJwk] } },
    claims: { subject: ['sub'], tenant: ['org', 'id'] },
    ownership: 'subject',
    requiredClaims: { token_use: 'access' },
    tenants: ['t1', 't2'],
    permissions: { claim: ['scope'] },
    maxTokenAgeSeconds: 3_600,
    clockSkewSeconds: 10,
    limits: {
      minBytes: 0,
      maxBytes: 5_368_709_120,
      types: ['image/*'],
      urlTtlSeconds: 900,
      regions: ['euw1', 'use1', 'apse2'],
    },
    ...change.entry,
  };
};
