import type { KeyObject } from 'node:crypto';
import { compactVerify } from 'jose/jws/compact/verify';

/**
 * Whether a compact JWS is signed by this public key under this one algorithm, whatever its header asks for. jose keeps the
 * imported key for the next token. Whatever jose throws is a no.
 */
export const isSignatureGood = async (token: string, publicKey: KeyObject, algorithm: string): Promise<boolean> => {
  try {
    await compactVerify(token, publicKey, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
};
