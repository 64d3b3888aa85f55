import type { Algorithm } from '../contract/issuer-entry.ts';

const RSA: readonly Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'];
const BY_CURVE: ReadonlyMap<string, readonly Algorithm[]> = new Map([
  ['EC P-256', ['ES256']],
  ['EC P-384', ['ES384']],
  ['EC P-521', ['ES512']],
  ['OKP Ed25519', ['EdDSA', 'Ed25519']],
]);

/** The algorithms a key of this type and curve can verify (RFC 7518, RFC 8037, RFC 9864); empty for every other key. */
export const algorithmsOfKey = (kty: unknown, crv: unknown): readonly Algorithm[] =>
  kty === 'RSA' ? RSA : (BY_CURVE.get(`${String(kty)} ${String(crv)}`) ?? []);
