import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signRaw } from '../../../test/support/sign-raw.ts';
import type { Algorithm, IssuerEntry } from '../../contract/issuer-entry.ts';
import { NO_REVOCATIONS, type PolicyDocument, type Revocations } from '../../contract/registry.ts';
import { parseKeys } from '../parse-keys.ts';
import { parsePolicy } from '../parse-policy.ts';
import { buildRegistry, type Registry } from '../registry.ts';

/** The moment every test token is verified at: 2026-11-21T00:00:00Z. */
export const NOW_MS = Date.UTC(2026, 10, 21);
/** The same in seconds. */
export const NOW = 1_795_219_200;

/** An issuer that can sign, by code that shares nothing with the verifier. */
export type TestIssuer = {
  readonly id: string;
  readonly issuer: string;
  readonly algorithm: Algorithm;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: Readonly<Record<string, unknown>>;
};

const generate = (algorithm: Algorithm): KeyObject => {
  if (algorithm === 'ES256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  if (algorithm === 'ES384') return generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  if (algorithm === 'ES512') return generateKeyPairSync('ec', { namedCurve: 'P-521' }).privateKey;
  if (algorithm === 'EdDSA') return generateKeyPairSync('ed25519').privateKey;
  return generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;
};

const publicJwkOf = (privateKey: KeyObject): Record<string, unknown> => {
  const { kty, n, e, crv, x, y } = privateKey.export({ format: 'jwk' });
  return JSON.parse(JSON.stringify({ kty, n, e, crv, x, y })) as Record<string, unknown>;
};

export const createTestIssuer = (id: string, algorithm: Algorithm): TestIssuer => {
  const privateKey = generate(algorithm);
  const kid = `${id}-1`;
  return {
    id,
    issuer: `https://${id}.example/`,
    algorithm,
    kid,
    privateKey,
    publicJwk: { ...publicJwkOf(privateKey), kid, alg: algorithm, use: 'sig' },
  };
};

/** The header and claims of a good token of `createTestEntry`. */
export const goodHeader = (issuer: TestIssuer): Record<string, unknown> => ({
  alg: issuer.algorithm,
  kid: issuer.kid,
  typ: 'at+jwt',
});
export const goodClaims = (issuer: TestIssuer): Record<string, unknown> => ({
  iss: issuer.issuer,
  aud: 'nearput',
  sub: 'user',
  org: { id: 't1' },
  scope: 'uploads:create uploads:read',
  token_use: 'access',
  iat: NOW - 60,
  exp: NOW + 3_540,
  jti: 'token-1',
});

/** A token of this issuer; a member that is `undefined` is left out. */
export const signToken = (
  issuer: TestIssuer,
  change: { readonly header?: Record<string, unknown>; readonly claims?: Record<string, unknown> } = {},
): string =>
  signRaw(
    JSON.stringify({ ...goodHeader(issuer), ...change.header }),
    JSON.stringify({ ...goodClaims(issuer), ...change.claims }),
    issuer.privateKey,
    issuer.algorithm,
  );

/** An entry for it, with every member written out. */
export const createTestEntry = (issuer: TestIssuer, change: Partial<IssuerEntry> = {}): IssuerEntry => ({
  id: issuer.id,
  issuer: issuer.issuer,
  status: 'active',
  audiences: ['nearput'],
  algorithms: [issuer.algorithm],
  tokenTypes: ['at+jwt', 'JWT'],
  keys: { jwks: { keys: [issuer.publicJwk] } },
  claims: { subject: ['sub'], tenant: ['org', 'id'] },
  ownership: 'subject',
  requiredClaims: { token_use: 'access' },
  tenants: ['t1', 't2'],
  permissions: { claim: ['scope'] },
  maxTokenAgeSeconds: 3_600,
  clockSkewSeconds: 10,
  limits: { minBytes: 0, maxBytes: 5_368_709_120, types: ['image/*'], urlTtlSeconds: 900, regions: ['euw1'] },
  ...change,
});

export const createTestPolicy = (
  issuers: readonly unknown[],
  change: { readonly version?: number; readonly revocations?: Partial<Revocations>; readonly drain?: string[] } = {},
) =>
  ({
    schema: 1,
    version: change.version ?? 1,
    publishedAt: '2026-11-20T00:00:00.000Z',
    publishedBy: 'test',
    issuers: issuers as PolicyDocument['issuers'],
    drain: change.drain ?? [],
    revocations: { ...NO_REVOCATIONS, ...change.revocations },
  }) satisfies PolicyDocument;

export const createTestKeys = (
  keys: Record<string, unknown> = {},
  version = 1,
  checkedAt = '2026-11-20T23:59:30.000Z',
) => ({
  schema: 1,
  version,
  checkedAt,
  keys,
});

/** A registry of parsed documents; throws if either is refused. */
export const createTestRegistry = (
  entries: readonly unknown[],
  options: { readonly revocations?: Partial<Revocations>; readonly keys?: Record<string, unknown> } = {},
): Registry => {
  const policy = parsePolicy(
    createTestPolicy(entries, options.revocations ? { revocations: options.revocations } : {}),
  );
  const keys = parseKeys(createTestKeys(options.keys));
  if (!policy.ok) throw new Error(JSON.stringify(policy.faults));
  if (!keys.ok) throw new Error(JSON.stringify(keys.faults));
  return buildRegistry(policy.policy, keys.keys);
};
