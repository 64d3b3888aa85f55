import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose';

/** An issuer whose key the test holds itself, with an entry of the registry. */
export type OwnIssuer = { readonly id: string; readonly issuer: string; readonly privateJwk: JWK };

const ALGORITHM = 'ES256';

/** Makes an issuer and writes its entry into `folder` as `{id}.json`, with the key set inline. */
export const writeOwnIssuer = async (folder: string, id: string, changes: object): Promise<OwnIssuer> => {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const kid = `${id}-key`;
  const privateJwk = { ...(await exportJWK(privateKey)), kid, alg: ALGORITHM };
  const publicJwk = { ...(await exportJWK(publicKey)), kid, alg: ALGORITHM, use: 'sig' };
  const issuer = `https://${id}.example/`;
  const entry = {
    id,
    issuer,
    status: 'active',
    audiences: ['nearput'],
    algorithms: [ALGORITHM],
    tokenTypes: ['JWT'],
    keys: { jwks: { keys: [publicJwk] } },
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
      types: ['*/*'],
      urlTtlSeconds: 900,
      regions: ['euw1', 'use1', 'apse2'],
    },
    ...changes,
  };
  writeFileSync(join(folder, `${id}.json`), JSON.stringify(entry, null, 2));
  return { id, issuer, privateJwk };
};

/** A folder for issuer entries. */
export const issuersFolder = (): string => mkdtempSync(join(tmpdir(), 'nearput-issuers-'));

/** Signs a token of an own issuer; good in every respect unless `claims` or `header` say otherwise. */
export const signOwn = async (own: OwnIssuer, claims: object = {}, header: object = {}): Promise<string> => {
  const now = Math.floor(Date.now() / 1_000);
  const payload = {
    iss: own.issuer,
    aud: 'nearput',
    sub: 'user',
    tenant: 't1',
    scope: 'uploads:create uploads:read uploads:delete documents:create',
    iat: now,
    exp: now + 3_600,
    jti: randomUUID(),
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: ALGORITHM, kid: own.privateJwk.kid ?? '', typ: 'JWT', ...header })
    .sign(await importJWK(own.privateJwk, ALGORITHM));
};
