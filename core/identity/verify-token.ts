import type { IssuerEntry } from '../contract/issuer-entry.ts';
import { KEYS_ASK_MS } from '../contract/limits.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { CLAIM_CHECKS, type ClaimContext, type ClaimFault } from './check-claims.ts';
import { checkRevocations } from './check-revocations.ts';
import { isSignatureGood } from './check-signature.ts';
import type { KeptKey } from './key-hygiene.ts';
import { type Principal, principalOf } from './principal.ts';
import type { RegisteredIssuer, Registry } from './registry.ts';
import { readTokenForm, type TokenForm } from './token-form.ts';
import { hashTokenId } from './token-id.ts';

/** A token that may come in. */
export type Accepted = {
  readonly ok: true;
  readonly principal: Principal;
  readonly entry: IssuerEntry;
  readonly kid: string;
  /** Short hash of its `jti` for the log; `null` if it has none. */
  readonly tokenId: string | null;
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
  /** Short hash of the unverified `jti`; `null` if there is none. */
  readonly tokenId: string | null;
  /**
   * Whether asking the refresher for this issuer's keys could help: the key is unknown, its provider was not asked within 30 s, and
   * everything that needs no key is good.
   */
  readonly keyWanted: boolean;
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
  const key = issuer.key(form.kid);
  if (key === undefined) return { ok: false, reason: 'kid_unknown' };
  return key.algorithms.some((algorithm) => algorithm === form.alg)
    ? { ok: true, key }
    : { ok: false, reason: 'alg_not_of_key' };
};

/** The first claim check that says no; tells the trace of each. */
const claimFault = (context: ClaimContext, trace: VerificationTrace): ClaimFault | null => {
  for (const { name, check } of CLAIM_CHECKS) {
    const fault = check(context);
    trace(name, fault?.reason ?? null);
    if (fault !== null) return fault;
  }
  return null;
};

/** Reasons to have no key that a newer key set could mend. */
const MENDABLE: readonly string[] = ['kid_unknown', 'keys_absent', 'keys_ended'];

const isKeyWanted = (issuer: RegisteredIssuer, registry: Registry, context: ClaimContext, reason: string): boolean => {
  const { entry, nowMs, form } = context;
  const askedMs = issuer.keysTriedAtMs ?? Number.NEGATIVE_INFINITY;
  return (
    MENDABLE.includes(reason) &&
    entry.keys.jwksUri !== undefined &&
    nowMs - askedMs > KEYS_ASK_MS &&
    claimFault(context, noTrace) === null &&
    checkRevocations(registry.revocations, { entry, thumbprint: '', claims: form.claims }) === null
  );
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
  if (!read.ok) {
    const nobody = { issuerId: null, kid: null, tokenId: null, keyWanted: false };
    return { ok: false, code: 'token_malformed', reason: read.reason, ...nobody };
  }
  const { form } = read;
  const { kid } = form;
  const tokenId = hashTokenId(form.claims['jti']);

  const issuer = registry.issuers.get(form.unverifiedIssuer);
  trace('issuer', issuer === undefined ? 'issuer_unknown' : null);
  if (issuer === undefined) {
    const unknown = { code: 'token_untrusted', reason: 'issuer_unknown', issuerId: null } as const;
    return { ok: false, ...unknown, kid, tokenId, keyWanted: false };
  }
  const { entry } = issuer;
  const context = { form, entry, nowMs };
  const refuse = ({ code, reason }: ClaimFault, keyWanted = false): Refused => ({
    ok: false,
    code,
    reason,
    issuerId: entry.id,
    kid,
    tokenId,
    keyWanted,
  });

  const selected = selectKey(form, issuer, nowMs);
  trace('key', selected.ok ? null : selected.reason);
  if (!selected.ok) {
    const { reason } = selected;
    return refuse({ code: 'token_untrusted', reason }, isKeyWanted(issuer, registry, context, reason));
  }
  const { key } = selected;

  const good = isSignatureGood(token, key.publicKey, form.alg);
  trace('signature', good ? null : 'signature_bad');
  if (!good) return refuse({ code: 'token_untrusted', reason: 'signature_bad' });

  const fault = claimFault(context, trace);
  if (fault !== null) return refuse(fault);
  const cut = checkRevocations(registry.revocations, { entry, thumbprint: key.thumbprint, claims: form.claims });
  trace('revocations', cut?.reason ?? null);
  if (cut !== null) return refuse(cut);

  const principal = principalOf(entry, form.claims);
  if (principal === undefined) return refuse({ code: 'claims_invalid', reason: 'principal_incomplete' });
  return { ok: true, principal, entry, kid, tokenId };
};
