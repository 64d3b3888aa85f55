import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';

/** A test issuer with a key of its own. */
export type TestIssuer = {
  readonly entry: IssuerEntry;
  /** A signed token; `claims` and `header` replace what a good one has, `undefined` removes. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>): string;
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const signToken = (key: KeyObject, header: unknown, claims: unknown): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
};

/** An ES256 issuer; `now` in milliseconds, `entry` replaces members of its registry entry. */
export const createTestIssuer = (id: string, now: () => number, entry: Partial<IssuerEntry> = {}): TestIssuer => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = `${id}-1`;
  const issuer = `https://issuer.example/${id}`;
  return {
    entry: {
      id,
      issuer,
      status: 'active',
      audiences: ['nearput'],
      algorithms: ['ES256'],
      tokenTypes: ['JWT'],
      keys: { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }] } },
      claims: { subject: ['sub'], tenant: ['tenant'] },
      ownership: 'subject',
      requiredClaims: {},
      tenants: null,
      permissions: { claim: ['scope'] },
      maxTokenAgeSeconds: 86_400,
      clockSkewSeconds: 10,
      limits: {
        minBytes: 0,
        maxBytes: 5_368_709_120,
        types: ['*/*', 'image/svg+xml'],
        urlTtlSeconds: 900,
        regions: ['euw1', 'use1', 'apse2'],
      },
      ...entry,
    },
    token: (claims = {}, header = {}) => {
      const seconds = Math.floor(now() / 1_000);
      return signToken(
        privateKey,
        { alg: 'ES256', typ: 'JWT', kid, ...header },
        {
          iss: issuer,
          aud: 'nearput',
          sub: 'user',
          tenant: 't1',
          scope: 'uploads:create uploads:read uploads:delete documents:create',
          iat: seconds,
          exp: seconds + 3_600,
          ...claims,
        },
      );
    },
  };
};
