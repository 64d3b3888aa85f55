import type { IssuerEntry } from '../contract/issuer-entry.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { CLAIM_CHECKS } from './check-claims.ts';
import { checkRevocations } from './check-revocations.ts';
import { isSignatureGood } from './check-signature.ts';
import type { KeptKey } from './key-hygiene.ts';
import { type Principal, principalOf } from './principal.ts';
import type { RegisteredIssuer, Registry } from './registry.ts';
import { readTokenForm, type TokenForm } from './token-form.ts';

/** A token that may come in. */
export type Accepted = {
  readonly ok: true;
  readonly principal: Principal;
  readonly entry: IssuerEntry;
  readonly kid: string;
};

/** A token that may not. */
export type Refused = {
  readonly ok: false;
  /** What the caller learns; before the signature is known to be good only `token_malformed` or `token_untrusted`. */
  readonly code: ProblemCode;
  /** Exact class for the log and for explaining; never sent. */
  readonly reason: string;
  /** Registry id, if the unverified issuer names an entry. */
  readonly issuerId: string | null;
  /** The unverified kid, if the form was good: to be escaped and cut before it is logged. */
  readonly kid: string | null;
};

export type Verification = Accepted | Refused;

/** Told of every check as it ends, in order; `reason` is `null` if it passed. */
export type VerificationTrace = (check: string, reason: string | null) => void;

const noTrace: VerificationTrace = () => undefined;

type Selected = { readonly ok: true; readonly key: KeptKey } | { readonly ok: false; readonly reason: string };

/** The one key of this issuer that fits the header, or why there is none. */
const selectKey = (form: TokenForm, issuer: RegisteredIssuer, nowMs: number): Selected => {
  if (!issuer.entry.algorithms.some((algorithm) => algorithm === form.alg))
    return { ok: false, reason: 'alg_not_allowed' };
  if (nowMs >= issuer.keysEndAtMs) {
    return { ok: false, reason: issuer.keysFetchedAtMs === null ? 'keys_absent' : 'keys_ended' };
  }
  const key = issuer.keyRing().byKid.get(form.kid);
  if (key === undefined) return { ok: false, reason: 'kid_unknown' };
  return key.algorithms.some((algorithm) => algorithm === form.alg)
    ? { ok: true, key }
    : { ok: false, reason: 'alg_not_of_key' };
};

/**
 * Verifies a token: form, issuer by exact string, that issuer's algorithms and keys, signature, claims, revocations.
 * `nowMs` is milliseconds since 1970. Never throws and asks nobody: unknown keys are refused, the refresher brings them.
 */
export const verifyToken = async (
  token: string,
  registry: Registry,
  nowMs: number,
  trace: VerificationTrace = noTrace,
): Promise<Verification> => {
  const read = readTokenForm(token);
  trace('form', read.ok ? null : read.reason);
  if (!read.ok) return { ok: false, code: 'token_malformed', reason: read.reason, issuerId: null, kid: null };
  const { form } = read;

  const issuer = registry.issuers.get(form.unverifiedIssuer);
  trace('issuer', issuer === undefined ? 'issuer_unknown' : null);
  if (issuer === undefined) {
    return { ok: false, code: 'token_untrusted', reason: 'issuer_unknown', issuerId: null, kid: form.kid };
  }
  const { entry } = issuer;
  const refuse = (code: ProblemCode, reason: string): Refused => ({
    ok: false,
    code,
    reason,
    issuerId: entry.id,
    kid: form.kid,
  });

  const selected = selectKey(form, issuer, nowMs);
  trace('key', selected.ok ? null : selected.reason);
  if (!selected.ok) return refuse('token_untrusted', selected.reason);
  const { key } = selected;

  const good = isSignatureGood(token, key.publicKey, form.alg);
  trace('signature', good ? null : 'signature_bad');
  if (!good) return refuse('token_untrusted', 'signature_bad');

  for (const { name, check } of CLAIM_CHECKS) {
    const fault = check({ form, entry, nowMs });
    trace(name, fault?.reason ?? null);
    if (fault !== null) return refuse(fault.code, fault.reason);
  }
  const cut = checkRevocations(registry.revocations, { entry, thumbprint: key.thumbprint, claims: form.claims });
  trace('revocations', cut?.reason ?? null);
  if (cut !== null) return refuse(cut.code, cut.reason);

  const principal = principalOf(entry, form.claims);
  if (principal === undefined) return refuse('claims_invalid', 'principal_incomplete');
  return { ok: true, principal, entry, kid: key.kid };
};
