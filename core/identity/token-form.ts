import { isIdentityText } from '../contract/issuer-words.ts';
import { TOKEN_MAX_BYTES } from '../contract/limits.ts';
import { decodeBase64url } from './base64url.ts';
import { type JsonObject, readJsonObject } from './json-bytes.ts';

/** A token of good form; nothing in it is verified. */
export type TokenForm = {
  readonly alg: string;
  readonly kid: string;
  /** The header's `typ` as it stands; `null` if it has none. */
  readonly typ: string | null;
  /** The unverified `iss`; it may select an entry and nothing else. */
  readonly unverifiedIssuer: string;
  /** Unverified until the signature is known to be good. */
  readonly claims: JsonObject;
};

export type ReadTokenForm =
  | { readonly ok: true; readonly form: TokenForm }
  | { readonly ok: false; readonly reason: string };

const HEADER_SHAPE = { maxDepth: 3, maxMembers: 32 };
const CLAIMS_SHAPE = { maxDepth: 8, maxMembers: 512 };

/** Header members that would bring keys, change what is signed, or hide it; none is ever followed. */
const REFUSED_HEADERS: readonly string[] = ['jku', 'x5u', 'x5c', 'jwk', 'crit', 'zip', 'b64', 'enc', 'epk'];

const no = (reason: string): ReadTokenForm => ({ ok: false, reason });

/**
 * Everything about a token that needs no key (RFC 7515, RFC 8725): at most 7 KiB, three parts of canonical base64url, strict
 * UTF-8, bounded depth and members, no repeated members, `alg` and `kid` present, no header that points to keys. Never throws.
 */
export const readTokenForm = (token: string): ReadTokenForm => {
  if (token.length > TOKEN_MAX_BYTES) return no('too_long');
  const parts = token.split('.');
  if (parts.length !== 3) return no('not_three_parts');
  const [headerBytes, claimsBytes, signature] = parts.map((part) => (part === '' ? undefined : decodeBase64url(part)));
  if (headerBytes === undefined) return no('header_not_base64url');
  if (claimsBytes === undefined) return no('claims_not_base64url');
  if (signature === undefined) return no('signature_not_base64url');

  const header = readJsonObject(headerBytes, HEADER_SHAPE);
  if (!header.ok) return no(`header_${header.fault}`);
  const { alg, kid, typ } = header.value;
  for (const name of REFUSED_HEADERS) if (Object.hasOwn(header.value, name)) return no(`header_${name}_refused`);
  if (typeof alg !== 'string') return no('header_alg_missing');
  if (!isIdentityText(kid)) return no('header_kid_missing');
  if (typ !== undefined && typeof typ !== 'string') return no('header_typ_invalid');

  const claims = readJsonObject(claimsBytes, CLAIMS_SHAPE);
  if (!claims.ok) return no(`claims_${claims.fault}`);
  const { iss } = claims.value;
  if (!isIdentityText(iss)) return no('claims_iss_missing');
  return { ok: true, form: { alg, kid, typ: typ ?? null, unverifiedIssuer: iss, claims: claims.value } };
};
