/** Orders of the groups that signatures are made in: FIPS 186-5 with SP 800-186 for the curves, RFC 8032, 5.1 for Ed25519. */
export const ORDERS = {
  ES256: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ES384: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  ES512:
    0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  EdDSA: 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn,
} as const;

export type EcdsaName = Exclude<keyof typeof ORDERS, 'EdDSA'>;

export const toNumber = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`);

/** Big-endian in so many bytes; what does not fit is cut off at the front. */
export const toBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(
    value
      .toString(16)
      .padStart(length * 2, '0')
      .slice(-length * 2),
    'hex',
  );

/** What stands in the header of a token, trusted by tests alone. */
export const algorithmOf = (token: string): string | undefined => {
  const text = Buffer.from(token.split('.', 1)[0] ?? '', 'base64url').toString('utf8');
  return /"alg":"([A-Za-z0-9]+)"/.exec(text)?.[1];
};

const isEcdsa = (name: string | undefined): name is EcdsaName =>
  name !== undefined && /^ES\d+$/.test(name) && name in ORDERS;

/**
 * The token with the signature (r, n − s) in place of (r, s), which anybody can work out and which is as good (FIPS 186-5, 6.4.2 checks no
 * more); `undefined` unless it is signed by ECDSA.
 */
export const respellEcdsa = (token: string): string | undefined => {
  const name = algorithmOf(token);
  if (!isEcdsa(name)) return undefined;
  const dot = token.lastIndexOf('.');
  const signature = Buffer.from(token.slice(dot + 1), 'base64url');
  const half = signature.length / 2;
  const s = toBytes(ORDERS[name] - toNumber(signature.subarray(half)), half);
  return `${token.slice(0, dot + 1)}${Buffer.concat([signature.subarray(0, half), s]).toString('base64url')}`;
};
