import { generateKeyPairSync } from 'node:crypto';
import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';

/** An entry without any fault; members can be replaced. */
export const goodEntry = (id: string, change: Partial<IssuerEntry> = {}): IssuerEntry => ({
  id,
  issuer: `https://${id}.example/`,
  status: 'active',
  audiences: ['nearput'],
  algorithms: ['RS256'],
  tokenTypes: ['at+jwt', 'JWT'],
  keys: { jwksUri: `https://${id}.example/.well-known/jwks.json` },
  claims: { subject: ['sub'], tenant: ['org_id'] },
  ownership: 'subject',
  requiredClaims: {},
  tenants: null,
  permissions: { claim: ['scope'] },
  maxTokenAgeSeconds: 3_600,
  clockSkewSeconds: 10,
  limits: { minBytes: 0, maxBytes: 5_368_709_120, types: ['image/*'], urlTtlSeconds: 900, regions: ['euw1'] },
  ...change,
});

/** A public key of the type, with `kid`. */
export const publicKey = (type: 'ec' | 'rsa', kid: string, bits = 2_048): Readonly<Record<string, unknown>> => {
  const { publicKey: key } =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: bits });
  return { ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: type === 'ec' ? 'ES256' : 'RS256' };
};
