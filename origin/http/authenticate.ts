import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import { readAuthorization } from '../../core/identity/authorization-header.ts';
import type { Principal } from '../../core/identity/principal.ts';
import { tokenProblem } from '../../core/identity/refusal.ts';
import type { RegistrySource } from '../../core/identity/registry-source.ts';
import { type Verification, verifyToken } from '../../core/identity/verify-token.ts';
import type { AskForKeys } from '../aws/ask-for-keys.ts';
import { escapeUnverified } from '../telemetry/escape.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Budget } from './budget.ts';

/** What the log may know of a caller, also of a refused one. */
export type CallerNotes = { issuer?: string; kid?: string; tokenId?: string };

export type AuthenticateDeps = {
  readonly registry: Pick<RegistrySource, 'get'>;
  readonly askForKeys: AskForKeys;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly telemetry: Telemetry;
};

/** Issuer ids are configured ones, classes our own words: both can be dimensions. */
const countToken = ({ telemetry }: AuthenticateDeps, issuer: string | null, tokenClass: string): void =>
  telemetry.measure.count(ORIGIN_METRICS.tokens, { issuer: issuer ?? 'unknown', tokenClass });

const note = (notes: CallerNotes, verified: Verification): void => {
  const issuer = verified.ok ? verified.principal.issuerId : verified.issuerId;
  if (issuer !== null) notes.issuer = issuer;
  if (verified.kid !== null) notes.kid = escapeUnverified(verified.kid);
  if (verified.tokenId !== null) notes.tokenId = verified.tokenId;
};

/** Whose token came with a request. Throws `token_…`, or `registry_unavailable`. Notes issuer, key and token for the log. */
export const authenticate = async (
  deps: AuthenticateDeps,
  call: { readonly authorization: readonly string[]; readonly budget: Budget; readonly notes: CallerNotes },
): Promise<Principal> => {
  const read = readAuthorization(call.authorization);
  if (!read.ok) {
    countToken(deps, null, read.reason);
    throw tokenProblem(read);
  }
  const { budget, notes } = call;
  const registry = await budget.run('registry', () => deps.registry.get(budget.remaining()));
  const verified = await budget.run('verify', () => verifyToken(read.token, registry, deps.now()));
  note(notes, verified);
  if (verified.ok) {
    countToken(deps, verified.principal.issuerId, 'accepted');
    return verified.principal;
  }
  const { issuerId } = verified;
  countToken(deps, issuerId, verified.reason);
  if (verified.keyWanted && issuerId !== null) await budget.run('keys', () => deps.askForKeys(issuerId));
  throw tokenProblem(verified);
};
