import type { IssuerEntry } from '../../contract/issuer-entry.ts';
import type { ProblemCode } from '../../contract/problems.ts';
import type { Revocations } from '../../contract/registry.ts';
import type { Verification } from '../verify-token.ts';
import { verifyToken } from '../verify-token.ts';
import {
  createTestEntry,
  createTestRegistry,
  goodClaims,
  goodHeader,
  NOW_MS,
  signRaw,
  type TestIssuer,
} from './issuers.ts';

/** The one thing that is different about a token or about the registry and the clock it meets. */
export type Change = {
  /** Header members to set; `undefined` leaves one out. */
  readonly header?: Record<string, unknown>;
  /** Claims to set; `undefined` leaves one out. */
  readonly claims?: Record<string, unknown>;
  /** Other bytes for a part, signed as they are; from the good JSON text. */
  readonly rawHeader?: (good: string) => string | Buffer;
  readonly rawClaims?: (good: string) => string | Buffer;
  /** Done to the finished token, so that its signature no longer covers it. */
  readonly mangle?: (token: string, another: string) => string;
  /** Signed with another issuer's key. */
  readonly stolen?: true;
  readonly entry?: Partial<IssuerEntry>;
  readonly revocations?: (thumbprint: string) => Partial<Revocations>;
  /** Milliseconds the verifier's clock is ahead. */
  readonly laterMs?: number;
};

export type TokenCase = {
  readonly name: string;
  readonly change: Change;
  /** What a hostile token is refused with; absent for a good one. */
  readonly code?: ProblemCode;
  readonly reason?: string;
};

export type TokenFamily = {
  readonly family: string;
  /** Good tokens next to the hostile ones: the change is of the same kind and does no harm. */
  readonly twins: readonly TokenCase[];
  readonly hostile: readonly TokenCase[];
};

const textOf = (good: Record<string, unknown>, change: Record<string, unknown> | undefined): string =>
  JSON.stringify({ ...good, ...change });

/** Writes the token of a case. */
export const writeToken = (issuer: TestIssuer, other: TestIssuer, change: Change): string => {
  const header = textOf(goodHeader(issuer), change.header);
  const claims = textOf(goodClaims(issuer), change.claims);
  const key = change.stolen ? other.privateKey : issuer.privateKey;
  const token = signRaw(
    change.rawHeader?.(header) ?? header,
    change.rawClaims?.(claims) ?? claims,
    key,
    issuer.algorithm,
  );
  if (change.mangle === undefined) return token;
  const another = signRaw(header, textOf(goodClaims(issuer), { sub: 'somebody-else' }), key, issuer.algorithm);
  return change.mangle(token, another);
};

/** Verifies a case's token against the registry and at the time of the case. */
export const verifyCase = (
  issuer: TestIssuer,
  other: TestIssuer,
  thumbprint: string,
  change: Change,
): Promise<Verification> => {
  const revocations = change.revocations?.(thumbprint);
  const registry = createTestRegistry(
    [createTestEntry(issuer, change.entry), createTestEntry(other)],
    revocations ? { revocations } : {},
  );
  return verifyToken(writeToken(issuer, other, change), registry, NOW_MS + (change.laterMs ?? 0));
};
