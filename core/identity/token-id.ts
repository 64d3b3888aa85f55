import { createHash } from 'node:crypto';
import { isIdentityText } from '../contract/issuer-words.ts';

const LENGTH = 12;

/**
 * What a log line calls a token: the first 12 characters of base64url of SHA-256 over its `jti`, so that a token found in a log can be
 * matched with one in hand and not the other way round; `null` if it has no usable `jti`.
 */
export const hashTokenId = (jti: unknown): string | null =>
  isIdentityText(jti) ? createHash('sha256').update(jti).digest('base64url').slice(0, LENGTH) : null;
