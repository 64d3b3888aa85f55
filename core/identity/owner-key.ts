import { createHash } from 'node:crypto';
import { encodeBase32 } from '../contract/base32.ts';
import { lengthPrefixed } from '../contract/grant.ts';
import type { Ownership } from '../contract/issuer-entry.ts';

const OWNER_KEY_TAG = 'nearput/owner-key/1';
const OWNER_KEY_BYTES = 20;

/**
 * Whose uploads a caller reaches: 32 characters of lower-case base32 over issuer string, tenant and, for ownership by subject,
 * subject. Strings are hashed as they stand, never normalised or folded. An absent tenant hashes as an empty one, which no
 * token can carry.
 */
export const ownerKeyOf = (input: {
  readonly ownership: Ownership;
  /** The exact issuer string. */
  readonly issuer: string;
  readonly tenant: string | null;
  readonly subject: string;
}): string => {
  const parts = [OWNER_KEY_TAG, input.ownership, input.issuer, input.tenant ?? ''];
  if (input.ownership === 'subject') parts.push(input.subject);
  const hash = createHash('sha256');
  for (const part of parts) hash.update(lengthPrefixed(part));
  return encodeBase32(hash.digest().subarray(0, OWNER_KEY_BYTES));
};
