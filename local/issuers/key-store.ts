import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import { ISSUERS, type IssuerId } from './issuers.ts';

/** A key pair of an issuer. */
export interface IssuerKey {
  readonly kid: string;
  /** Private members included. */
  readonly jwk: JWK;
  readonly key: CryptoKey | Uint8Array;
}

/** Keys of all issuers, the newest first. */
export interface KeyStore {
  keys(id: IssuerId): readonly IssuerKey[];
  /** A new signing key; the ones before stay published unless `drop`. At most four are kept. */
  rotate(id: IssuerId, drop: boolean): Promise<IssuerKey>;
}

/** A key set stays within what verifiers take. */
const KEPT = 4;

/** Opens the keys in the file `path` (0600), making what is missing. */
export async function openKeyStore(path: string): Promise<KeyStore> {
  const saved = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, JWK[]>) : {};
  const store = new Map<IssuerId, readonly IssuerKey[]>();
  for (const { id } of ISSUERS) {
    const known = await Promise.all((saved[id] ?? []).map((jwk) => load(jwk)));
    store.set(id, known.length > 0 ? known : [await generateKey(id)]);
  }
  save();

  function save(): void {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const value = Object.fromEntries([...store].map(([id, keys]) => [id, keys.map(({ jwk }) => jwk)]));
    writeFileSync(`${path}.new`, JSON.stringify(value), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }

  return {
    keys: (id) => store.get(id) ?? [],
    async rotate(id, drop) {
      const fresh = await generateKey(id);
      store.set(id, drop ? [fresh] : [fresh, ...(store.get(id) ?? [])].slice(0, KEPT));
      save();
      return fresh;
    },
  };
}

/** The public half, as a key set publishes it. */
export function publicJwk({ jwk }: IssuerKey): JWK {
  const { d, p, q, dp, dq, qi, ...shared } = jwk;
  return shared;
}

async function load(jwk: JWK): Promise<IssuerKey> {
  return { kid: jwk.kid ?? '', jwk, key: await importJWK(jwk) };
}

/** A new key pair of the issuer's kind, kept nowhere. */
export async function generateKey(id: IssuerId): Promise<IssuerKey> {
  const algorithm = ISSUERS.find((issuer) => issuer.id === id)?.algorithm ?? 'RS256';
  const { privateKey } = await generateKeyPair(algorithm, {
    extractable: true,
    ...(algorithm === 'EdDSA' ? { crv: 'Ed25519' } : {}),
  });
  const jwk = await exportJWK(privateKey);
  const kid = `${id}-${(await calculateJwkThumbprint(jwk)).slice(0, 8)}`;
  return load({ ...jwk, kid, alg: algorithm, use: 'sig' });
}
