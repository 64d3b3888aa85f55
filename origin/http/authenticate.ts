import { readAuthorization } from '../../core/identity/authorization-header.ts';
import type { Principal } from '../../core/identity/principal.ts';
import { tokenProblem } from '../../core/identity/refusal.ts';
import type { RegistrySource } from '../../core/identity/registry-source.ts';
import { verifyToken } from '../../core/identity/verify-token.ts';
import { escapeUnverified } from '../telemetry/escape.ts';
import type { Budget } from './budget.ts';

/** What the log may know of a caller, also of a refused one. */
export type CallerNotes = { issuer?: string; kid?: string };

/** Whose token came with a request. Throws `token_…`, or `registry_unavailable`. Notes issuer and key for the log. */
export const authenticate = async (
  deps: { readonly registry: Pick<RegistrySource, 'get'>; readonly now: () => number },
  call: { readonly authorization: readonly string[]; readonly budget: Budget; readonly notes: CallerNotes },
): Promise<Principal> => {
  const read = readAuthorization(call.authorization);
  if (!read.ok) throw tokenProblem(read);
  const { budget, notes } = call;
  const registry = await budget.run('registry', () => deps.registry.get(budget.remaining()));
  const verified = await budget.run('verify', () => verifyToken(read.token, registry, deps.now()));
  if (!verified.ok) {
    if (verified.issuerId !== null) notes.issuer = verified.issuerId;
    if (verified.kid !== null) notes.kid = escapeUnverified(verified.kid);
    throw tokenProblem(verified);
  }
  notes.issuer = verified.principal.issuerId;
  notes.kid = escapeUnverified(verified.kid);
  return verified.principal;
};
