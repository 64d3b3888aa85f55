import { Problem, type ProblemCode } from '../contract/problems.ts';

/** Every code a token can be refused with. */
export type TokenCode = Extract<
  ProblemCode,
  | 'token_missing'
  | 'token_malformed'
  | 'token_untrusted'
  | 'token_type'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'token_too_old'
  | 'token_revoked'
  | 'audience_mismatch'
  | 'claims_invalid'
>;

/** Seconds after which a key that was just published is known at every hop. */
const TOKEN_RETRY_AFTER_SECONDS = 30;

/** One fixed sentence for each code: what to change, and nothing an attacker could learn from. ASCII without quotes (RFC 6750, 3). */
const DETAILS: Readonly<Record<TokenCode, string>> = {
  token_missing: 'Send one header Authorization: Bearer with a token of your issuer.',
  token_malformed: 'Send exactly one Authorization header with the Bearer scheme and one signed JWT, unchanged.',
  token_untrusted: 'Send a token that a configured issuer signed with its current key.',
  token_type: 'Send a token of a type that this issuer is configured for, usually an access token.',
  token_expired: 'Get a fresh token from your issuer and send it.',
  token_not_yet_valid: 'Wait until the token becomes valid, or correct the clock of your issuer.',
  token_too_old:
    'Get a fresh token, with a shorter life; this one is older or lives longer than tokens of this issuer may.',
  token_revoked: 'Get a new token from your issuer; if that is refused too, ask its administrator.',
  audience_mismatch: 'Get a token whose audience is this gateway.',
  claims_invalid: 'Get a token with every claim that this issuer is configured to require.',
};

/** Codes that say the signature was never proved; they all look alike, so that nobody can list our issuers. */
const BEFORE_SIGNATURE: ReadonlySet<TokenCode> = new Set(['token_missing', 'token_malformed', 'token_untrusted']);

const isTokenCode = (code: ProblemCode): code is TokenCode => Object.hasOwn(DETAILS, code);

/** Headers of a 401, lower-case names (RFC 6750, 3): `Bearer` alone if no token came, `invalid_token` with a fixed text else. */
export const refusalHeaders = (code: TokenCode): Readonly<Record<string, string>> => ({
  'www-authenticate':
    code === 'token_missing' ? 'Bearer' : `Bearer error="invalid_token", error_description="${DETAILS[code]}"`,
  ...(BEFORE_SIGNATURE.has(code) ? { 'retry-after': String(TOKEN_RETRY_AFTER_SECONDS) } : {}),
});

/** The problem to throw for a refused token or header: fixed detail, headers, and the exact class for the log. */
export const tokenProblem = (refused: { readonly code: ProblemCode; readonly reason: string }): Problem => {
  const { code, reason } = refused;
  if (!isTokenCode(code)) return new Problem('internal', 'The request could not be answered.', { reason });
  return new Problem(code, DETAILS[code], { headers: refusalHeaders(code), reason });
};
