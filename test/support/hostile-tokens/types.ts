import type { KeyObject } from 'node:crypto';
import type { IssuerEntry } from '../../../core/contract/issuer-entry.ts';
import type { ProblemCode } from '../../../core/contract/problems.ts';
import type { Revocations } from '../../../core/contract/registry.ts';

export type Jwk = Readonly<Record<string, unknown>>;

/** A key pair that tokens of the catalogue are signed with. */
export type KeyPair = { readonly algorithm: string; readonly privateKey: KeyObject; readonly publicJwk: Jwk };

/** Kinds of key pair; `p256` is the one of a good token. */
export type KeyKind = 'p256' | 'rsa2048' | 'rsa1024' | 'rsaExponent3' | 'ed25519';

type Members = Readonly<Record<string, unknown>>;

/** The one thing that is different about a token, or about the registry it meets. */
export type Change = {
  /** Header members to set; `undefined` leaves one out. */
  readonly header?: Members;
  /** Claims to set, also by the time in seconds since 1970; `undefined` leaves one out. */
  readonly claims?: Members | ((now: number) => Members);
  /** Other bytes for a part, signed as they are; from the good JSON text. */
  readonly rawHeader?: (good: string) => string | Buffer;
  readonly rawClaims?: (good: string) => string | Buffer;
  /** Done to the finished token, so that its signature no longer covers it. `another` is a second good token. */
  readonly mangle?: (token: string, another: string, publicJwk: Jwk) => string;
  /** Signed by an issuer of the same kind of key that the entry does not know. */
  readonly stolen?: true;
  /** The issuer's own key is of this kind, and its entry allows that key's algorithm. */
  readonly key?: KeyKind;
  readonly entry?: Partial<IssuerEntry>;
  /** The entry's key set, from the public key the token is signed with and the one of somebody else. */
  readonly keys?: (own: Jwk, other: Jwk) => readonly unknown[];
  /** What is revoked of this issuer, from its id, its key's thumbprint and the time of the token's `iat` in milliseconds. */
  readonly revoked?: (issuer: string, thumbprint: string, issuedAtMs: number) => Partial<Revocations>;
};

export type TokenCase = {
  readonly name: string;
  readonly change: Change;
  /** What a hostile token is refused with; absent for a good one. */
  readonly code?: ProblemCode;
  /** The exact class in the log. */
  readonly reason?: string;
};

export type TokenFamily = {
  readonly family: string;
  /** Good tokens next to the hostile ones: the change is of the same kind and does no harm. */
  readonly twins: readonly TokenCase[];
  readonly hostile: readonly TokenCase[];
};

/** Writes a family's cases: all refused with one code. */
export const refusedWith =
  (code: ProblemCode) =>
  (name: string, reason: string, change: Change): TokenCase => ({ name, change, code, reason });
