import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { RSA_BITS } from '../contract/limits.ts';
import { decodeBase64url } from './base64url.ts';
import { isEd25519Point } from './ed25519-point.ts';

/** Members that make up a public key, by key type. */
export const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
};

/** Members that only a private or symmetric key has (RFC 7518, section 6). */
export const PRIVATE_MEMBERS: readonly string[] = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'];

const COORDINATE_BYTES: Readonly<Record<string, number>> = { 'P-256': 32, 'P-384': 48, 'P-521': 66 };
/** 65537, the only exponent taken: others are slow, or have been part of attacks. */
const EXPONENT = 'AQAB';
const RSA_MAX_CHARACTERS = Math.ceil((RSA_BITS.max / 8) * (4 / 3));

export type Material =
  | { readonly ok: true; readonly publicKey: KeyObject }
  | { readonly ok: false; readonly member: string; readonly message: string };

const fault = (member: string, message: string): Material => ({ ok: false, member, message });

const bytesOf = (value: unknown): Buffer | undefined =>
  typeof value === 'string' && value !== '' ? decodeBase64url(value) : undefined;

const importKey = (jwk: JsonWebKey, member: string, message: string): Material => {
  try {
    return { ok: true, publicKey: createPublicKey({ key: jwk, format: 'jwk' }) };
  } catch (error) {
    if (error instanceof Error) return fault(member, message);
    throw error;
  }
};

const readRsa = (jwk: JsonWebKey): Material => {
  const { n, e } = jwk;
  if (e !== EXPONENT) return fault('e', 'must be AQAB (65537)');
  if (typeof n === 'string' && n.length > RSA_MAX_CHARACTERS) {
    return fault('n', `has more than ${RSA_BITS.max} bits: use a key of ${RSA_BITS.min} to ${RSA_BITS.max} bits`);
  }
  const modulus = bytesOf(n);
  const first = modulus?.[0];
  if (modulus === undefined || first === undefined || first === 0) {
    return fault('n', 'must be canonical base64url of the modulus without leading zero bytes');
  }
  const bits = modulus.length * 8 - (Math.clz32(first) - 24);
  if (bits < RSA_BITS.min || bits > RSA_BITS.max) {
    return fault('n', `has ${bits} bits: use a key of ${RSA_BITS.min} to ${RSA_BITS.max} bits`);
  }
  if (((modulus.at(-1) ?? 0) & 1) === 0) return fault('n', 'is even: this is no RSA modulus');
  return importKey({ kty: 'RSA', n: String(n), e: EXPONENT }, 'n', 'is no RSA modulus');
};

const readEc = (jwk: JsonWebKey): Material => {
  const length = COORDINATE_BYTES[String(jwk.crv)];
  if (length === undefined) return fault('crv', 'must be P-256, P-384 or P-521');
  for (const member of ['x', 'y'] as const) {
    if (bytesOf(jwk[member])?.length !== length) return fault(member, `must be canonical base64url of ${length} bytes`);
  }
  const { crv, x, y } = jwk;
  return importKey({ kty: 'EC', crv: String(crv), x: String(x), y: String(y) }, 'x', 'is no point of its curve');
};

const readOkp = (jwk: JsonWebKey): Material => {
  if (jwk.crv !== 'Ed25519') return fault('crv', 'must be Ed25519');
  const point = bytesOf(jwk.x);
  if (point?.length !== 32) return fault('x', 'must be canonical base64url of 32 bytes');
  if (!isEd25519Point(point)) return fault('x', 'is no point of its curve, or one of small order');
  return importKey({ kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) }, 'x', 'is no point of its curve');
};

/** Checks the numbers of a public key, cheap things first, and imports it. Never throws. */
export const readKeyMaterial = (jwk: Readonly<Record<string, unknown>>): Material => {
  if (jwk['kty'] === 'RSA') return readRsa(jwk);
  if (jwk['kty'] === 'EC') return readEc(jwk);
  if (jwk['kty'] === 'OKP') return readOkp(jwk);
  return fault('kty', 'must be RSA, EC or OKP: only public keys of asymmetric algorithms are taken');
};
