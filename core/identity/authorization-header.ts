import { TOKEN_MAX_BYTES } from '../contract/limits.ts';

export type ReadAuthorization =
  | { readonly ok: true; readonly token: string }
  | { readonly ok: false; readonly code: 'token_missing' | 'token_malformed'; readonly reason: string };

const SCHEME = /^bearer +/i;
/** RFC 6750's b64token. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;
const HEADER_MAX = TOKEN_MAX_BYTES + 64;

const malformed = (reason: string): ReadAuthorization => ({ ok: false, code: 'token_malformed', reason });

/** Reads the bearer token from every value of `Authorization` a request carries (RFC 6750): none is missing, more than one malformed. */
export const readAuthorization = (values: readonly string[]): ReadAuthorization => {
  const [value, ...others] = values;
  if (others.length > 0) return malformed('authorization_repeated');
  if (value === undefined || value === '') return { ok: false, code: 'token_missing', reason: 'authorization_absent' };
  if (value.length > HEADER_MAX) return malformed('too_long');
  const scheme = SCHEME.exec(value);
  if (scheme === null) return malformed('scheme_not_bearer');
  const token = value.slice(scheme[0].length);
  return TOKEN.test(token) ? { ok: true, token } : malformed('bearer_not_a_token');
};
