import { createHash } from 'node:crypto';

/** The members of a public key that RFC 7638 hashes, in its order. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** RFC 7638 thumbprint of a public JWK: base64url of SHA-256, 43 characters, whatever its kid. Throws on a key type without one. */
export const thumbprint = (jwk: Readonly<Record<string, unknown>>): string => {
  const members = MEMBERS[String(jwk['kty'])];
  if (members === undefined) throw new TypeError('this key type has no thumbprint here');
  const required = Object.fromEntries(members.map((name) => [name, jwk[name]]));
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
};
