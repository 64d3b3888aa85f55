import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';

const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'ES384'] as const;

/** An issuer with the one token that its caller sends again and again. */
export type Caller = { readonly algorithm: string; readonly entry: IssuerEntry; readonly token: string };

/** One caller for each algorithm, with claims as large as common providers write. */
export const createCallers = (): Promise<readonly Caller[]> =>
  Promise.all(
    ALGORITHMS.map(async (algorithm) => {
      const id = algorithm.toLowerCase();
      const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true });
      const kid = `${id}-1`;
      const issuer = `https://${id}.example/`;
      const token = await new SignJWT({ tenant: 't1', scope: 'uploads:create uploads:read', client_id: 'c'.repeat(32) })
        .setProtectedHeader({ alg: algorithm, kid, typ: 'at+jwt' })
        .setIssuer(issuer)
        .setAudience('nearput')
        .setSubject('0d6f2c0e-7a53-4c08-9d3e-8a2c0a6f1b77')
        .setIssuedAt()
        .setExpirationTime('1h')
        .setJti('5f1c2f0e-56d9-4a9c-bb0c-6a0c5b6f5d0e')
        .sign(privateKey);
      const entry: IssuerEntry = {
        id,
        issuer,
        status: 'active',
        audiences: ['nearput'],
        algorithms: [algorithm],
        tokenTypes: ['at+jwt'],
        keys: { jwks: { keys: [{ ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' }] } },
        claims: { subject: ['sub'], tenant: ['tenant'] },
        ownership: 'subject',
        requiredClaims: {},
        tenants: null,
        permissions: { claim: ['scope'] },
        maxTokenAgeSeconds: 86_400,
        clockSkewSeconds: 10,
        limits: { minBytes: 0, maxBytes: 5_368_709_120, types: ['*/*'], urlTtlSeconds: 900, regions: ['euw1'] },
      };
      return { algorithm, entry, token };
    }),
  );
