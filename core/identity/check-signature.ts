import { constants, type KeyObject, type VerifyKeyObjectInput, verify } from 'node:crypto';
import { decodeBase64url } from './base64url.ts';

type Rule = {
  /** What `asymmetricKeyType` and the curve's name in OpenSSL must be. */
  readonly keyType: string;
  readonly curve: string | undefined;
  /** `null`: the algorithm has its own (RFC 8032). */
  readonly hash: string | null;
  readonly options: Omit<VerifyKeyObjectInput, 'key'>;
};

const PKCS1 = { padding: constants.RSA_PKCS1_PADDING };
/** RFC 7518, 3.5: the salt is exactly as long as the hash. */
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
/** RFC 7518, 3.4: r and s side by side, not DER. */
const JOSE_EC = { dsaEncoding: 'ieee-p1363' } as const;
const CURVES: Readonly<Record<string, string>> = { 256: 'prime256v1', 384: 'secp384r1', 512: 'secp521r1' };

/** What an algorithm demands (RFC 7518, 3.3 to 3.5; RFC 8037, 3.1; RFC 9864); `undefined` for every other name. */
const ruleOf = (algorithm: string): Rule | undefined => {
  if (algorithm === 'EdDSA' || algorithm === 'Ed25519') {
    return { keyType: 'ed25519', curve: undefined, hash: null, options: {} };
  }
  const [, family, bits = ''] = /^(RS|PS|ES)(256|384|512)$/.exec(algorithm) ?? [];
  if (family === undefined) return undefined;
  const hash = `sha${bits}`;
  if (family === 'ES') return { keyType: 'ec', curve: CURVES[bits], hash, options: JOSE_EC };
  return { keyType: 'rsa', curve: undefined, hash, options: family === 'RS' ? PKCS1 : PSS };
};

/**
 * Whether a compact JWS (RFC 7515, 5.2) is signed by this public key under this one algorithm, whatever its header asks for; a key of
 * another family is a no. The form of the token must be checked before. Whatever `node:crypto` throws is a no.
 */
export const isSignatureGood = (token: string, publicKey: KeyObject, algorithm: string): boolean => {
  const dot = token.lastIndexOf('.');
  const signature = decodeBase64url(token.slice(dot + 1));
  const rule = ruleOf(algorithm);
  if (signature === undefined || rule === undefined) return false;
  const { asymmetricKeyType: keyType, asymmetricKeyDetails: details } = publicKey;
  if (keyType !== rule.keyType || details?.namedCurve !== rule.curve) return false;
  try {
    return verify(rule.hash, Buffer.from(token.slice(0, dot)), { key: publicKey, ...rule.options }, signature);
  } catch {
    return false;
  }
};
