import type { IssuerEntry, TokenType } from '../contract/issuer-entry.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { claimAt, identityClaim, permissionsClaim, textsOf, timeClaim } from './claims.ts';
import type { TokenForm } from './token-form.ts';

/** What a claim check looks at. */
export type ClaimContext = {
  readonly form: Pick<TokenForm, 'typ' | 'claims'>;
  readonly entry: IssuerEntry;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
};

/** Why a check says no: the code the caller sees and the exact class for the log. */
export type ClaimFault = { readonly code: ProblemCode; readonly reason: string };

export type ClaimCheck = { readonly name: string; check(context: ClaimContext): ClaimFault | null };

const no = (code: ProblemCode, reason: string): ClaimFault => ({ code, reason });
const invalid = (reason: string): ClaimFault => no('claims_invalid', reason);

/** Media types are compared without case and without `application/` (RFC 7515, 4.1.9). */
const checkType = ({ form, entry }: ClaimContext): ClaimFault | null => {
  const typ = form.typ?.toLowerCase().replace(/^application\//, '') ?? ('absent' satisfies TokenType);
  const spelled = form.typ !== null && typ === 'absent';
  const accepted = entry.tokenTypes.some((type) => type.toLowerCase() === typ);
  return accepted && !spelled ? null : no('token_type', 'type_not_accepted');
};

/** `exp` and `iat` must be there, and `nbf` if it is must be a time, before any of them is compared. */
const checkTimes = ({ form: { claims } }: ClaimContext): ClaimFault | null => {
  for (const name of ['exp', 'iat'] as const)
    if (timeClaim(claims, name) === undefined) return invalid(`${name}_invalid`);
  return Object.hasOwn(claims, 'nbf') && timeClaim(claims, 'nbf') === undefined ? invalid('nbf_invalid') : null;
};

const timesOf = ({ form: { claims }, entry, nowMs }: ClaimContext) => ({
  now: nowMs / 1_000,
  skew: entry.clockSkewSeconds,
  exp: timeClaim(claims, 'exp') ?? 0,
  iat: timeClaim(claims, 'iat') ?? Number.POSITIVE_INFINITY,
  nbf: timeClaim(claims, 'nbf') ?? 0,
});

const checkExpiry = (context: ClaimContext): ClaimFault | null => {
  const { now, skew, exp, iat } = timesOf(context);
  if (now >= exp + skew) return no('token_expired', 'expired');
  return exp > iat ? null : no('token_expired', 'ends_before_it_was_issued');
};

const checkNotBefore = (context: ClaimContext): ClaimFault | null => {
  const { now, skew, nbf } = timesOf(context);
  return nbf > now + skew ? no('token_not_yet_valid', 'before_nbf') : null;
};

const checkIssuedAt = (context: ClaimContext): ClaimFault | null => {
  const { now, skew, iat } = timesOf(context);
  return iat > now + skew ? no('token_not_yet_valid', 'iat_in_future') : null;
};

/** The entry's maximum bounds what the token claims to live and what it has lived. */
const checkAge = (context: ClaimContext): ClaimFault | null => {
  const { now, skew, exp, iat } = timesOf(context);
  const age = Math.max(exp - iat, now - iat - skew);
  return age > context.entry.maxTokenAgeSeconds ? no('token_too_old', 'life_above_maximum') : null;
};

const checkAudience = ({ form: { claims }, entry }: ClaimContext): ClaimFault | null => {
  const audiences = textsOf(claimAt(claims, entry.audienceClaim ?? ['aud']));
  if (audiences === undefined) return no('audience_mismatch', 'audience_missing');
  return audiences.some((audience) => entry.audiences.includes(audience))
    ? null
    : no('audience_mismatch', 'audience_not_ours');
};

const checkRequired = ({ form: { claims }, entry }: ClaimContext): ClaimFault | null => {
  for (const [name, wanted] of Object.entries(entry.requiredClaims)) {
    const value = claimAt(claims, [name]);
    const accepted: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted];
    if (!accepted.includes(value)) return invalid('required_claim_differs');
  }
  return null;
};

const checkSubject = ({ form: { claims }, entry }: ClaimContext): ClaimFault | null => {
  if (identityClaim(claims, ['sub']) === undefined) return invalid('sub_invalid');
  return identityClaim(claims, entry.claims.subject) === undefined ? invalid('subject_invalid') : null;
};

const checkTenant = ({ form: { claims }, entry }: ClaimContext): ClaimFault | null => {
  if (entry.claims.tenant === null) return null;
  const tenant = identityClaim(claims, entry.claims.tenant);
  if (tenant === undefined) return invalid('tenant_invalid');
  return entry.tenants === null || entry.tenants.includes(tenant) ? null : invalid('tenant_not_listed');
};

const checkPermissions = ({ form: { claims }, entry }: ClaimContext): ClaimFault | null =>
  permissionsClaim(claims, entry.permissions.claim) === undefined ? invalid('permissions_invalid') : null;

/** A `jti` that is no text could not be revoked. */
const checkTokenId = ({ form: { claims } }: ClaimContext): ClaimFault | null =>
  Object.hasOwn(claims, 'jti') && identityClaim(claims, ['jti']) === undefined ? invalid('jti_invalid') : null;

/** Every check of verified claims, in the order their refusals take precedence. None throws. */
export const CLAIM_CHECKS: readonly ClaimCheck[] = [
  { name: 'type', check: checkType },
  { name: 'times', check: checkTimes },
  { name: 'expiry', check: checkExpiry },
  { name: 'not before', check: checkNotBefore },
  { name: 'issued at', check: checkIssuedAt },
  { name: 'age', check: checkAge },
  { name: 'audience', check: checkAudience },
  { name: 'required claims', check: checkRequired },
  { name: 'subject', check: checkSubject },
  { name: 'tenant', check: checkTenant },
  { name: 'permissions', check: checkPermissions },
  { name: 'token id', check: checkTokenId },
];
