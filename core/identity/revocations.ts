import type { Revocations } from '../contract/registry.ts';

/** What is asked of the revocations for every request. */
export type RevocationIndex = {
  isIssuerDisabled(issuerId: string): boolean;
  isKeyRevoked(thumbprint: string): boolean;
  isTokenRevoked(issuerId: string, jti: string): boolean;
  isSubjectRevoked(issuerId: string, subject: string): boolean;
  /** Milliseconds since 1970: tokens issued before it are cut off; `-Infinity` if there is no such moment. */
  issuedBefore(issuerId: string): number;
};

/** Registry ids hold no colon, so these pairs cannot be mistaken for one another. */
const pair = (issuerId: string, text: string): string => `${issuerId}:${text}`;

/** Indexes the revocations of one policy for constant-time questions. */
export const indexRevocations = (revocations: Revocations): RevocationIndex => {
  const disabled = new Set(revocations.disabled.map(({ issuer }) => issuer));
  const thumbprints = new Set(revocations.kids.map(({ thumbprint }) => thumbprint));
  const tokens = new Set(revocations.tokens.map(({ issuer, jti }) => pair(issuer, jti)));
  const subjects = new Set(revocations.subjects.map(({ issuer, subject }) => pair(issuer, subject)));
  const moments = new Map<string, number>();
  for (const { issuer, before } of revocations.issuedBefore) {
    moments.set(issuer, Math.max(Date.parse(before), moments.get(issuer) ?? Number.NEGATIVE_INFINITY));
  }
  return {
    isIssuerDisabled: (issuerId) => disabled.has(issuerId),
    isKeyRevoked: (thumbprint) => thumbprints.has(thumbprint),
    isTokenRevoked: (issuerId, jti) => tokens.has(pair(issuerId, jti)),
    isSubjectRevoked: (issuerId, subject) => subjects.has(pair(issuerId, subject)),
    issuedBefore: (issuerId) => moments.get(issuerId) ?? Number.NEGATIVE_INFINITY,
  };
};
