import type { IssuerEntry } from '../contract/issuer-entry.ts';
import type { ClaimFault } from './check-claims.ts';
import { identityClaim, timeClaim } from './claims.ts';
import type { JsonObject } from './json-bytes.ts';
import type { RevocationIndex } from './revocations.ts';

const revoked = (reason: string): ClaimFault => ({ code: 'token_revoked', reason });

/** Whether a verified token is cut off, and by what: its issuer, its key, itself, its subject, or the moment it was issued. */
export const checkRevocations = (
  revocations: RevocationIndex,
  token: { readonly entry: IssuerEntry; readonly thumbprint: string; readonly claims: JsonObject },
): ClaimFault | null => {
  const { entry, thumbprint, claims } = token;
  if (entry.status !== 'active' || revocations.isIssuerDisabled(entry.id)) return revoked('issuer_disabled');
  if (revocations.isKeyRevoked(thumbprint)) return revoked('key_revoked');
  const jti = identityClaim(claims, ['jti']);
  if (jti !== undefined && revocations.isTokenRevoked(entry.id, jti)) return revoked('jti_revoked');
  const subject = identityClaim(claims, entry.claims.subject);
  if (subject !== undefined && revocations.isSubjectRevoked(entry.id, subject)) return revoked('subject_revoked');
  const issuedMs = (timeClaim(claims, 'iat') ?? 0) * 1_000;
  return issuedMs < revocations.issuedBefore(entry.id) ? revoked('issued_before') : null;
};
