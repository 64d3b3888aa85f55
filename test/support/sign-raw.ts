import { constants, type KeyObject, type SignKeyObjectInput, sign } from 'node:crypto';

const optionsOf = (algorithm: string, key: KeyObject): { hash: string | null; input: SignKeyObjectInput } => {
  if (algorithm.startsWith('PS')) {
    const input = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(algorithm.slice(2)) / 8 };
    return { hash: `sha${algorithm.slice(2)}`, input };
  }
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') return { hash: null, input: { key } };
  return { hash: `sha${algorithm.slice(2)}`, input: { key, dsaEncoding: 'ieee-p1363' } };
};

/** Signs two raw parts as a compact JWS, whatever they are; shares nothing with the verifier. */
export const signRaw = (
  header: string | Buffer,
  claims: string | Buffer,
  key: KeyObject,
  algorithm: string,
): string => {
  const input = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const { hash, input: options } = optionsOf(algorithm, key);
  return `${input}.${sign(hash, Buffer.from(input), options).toString('base64url')}`;
};
