import { readAuthorization } from '../core/identity/authorization-header.ts';
import { checkPermission } from '../core/identity/policy.ts';
import type { Principal } from '../core/identity/principal.ts';
import { tokenProblem } from '../core/identity/refusal.ts';
import type { Registry } from '../core/identity/registry.ts';
import { verifyToken } from '../core/identity/verify-token.ts';
import { askForKeys } from './ask-for-keys.ts';
import type { Call } from './call.ts';
import { headerValues } from './request.ts';

/**
 * Who calls, and whether this route is for them. Throws a 401 with its headers, `permission_missing`, or
 * `registry_unavailable` when no registry can be read within the budget. `nowMs` is the time to judge the token by.
 */
export const authorize = async (
  call: Omit<Call, 'query'>,
  now: () => number,
): Promise<{ readonly principal: Principal; readonly registry: Registry }> => {
  const { request, route, runtime, budget, steps, notes } = call;
  const read = readAuthorization(headerValues(request, 'authorization'));
  if (!read.ok) {
    notes.tokenClass = read.reason;
    throw tokenProblem(read);
  }
  const registry = await steps.runAsync('registry', () => runtime.registry.get(budget.left()));
  const { ageMs, policyVersion } = runtime.registry.state();
  notes.registryAgeMs = ageMs;
  notes.policyVersion = policyVersion;

  const verified = await steps.runAsync('token', () => verifyToken(read.token, registry, now()));
  notes.kid = verified.kid;
  notes.tokenId = verified.tokenId;
  notes.tokenClass = verified.ok ? 'accepted' : verified.reason;
  if (!verified.ok) {
    notes.issuer = verified.issuerId;
    if (verified.keyWanted && verified.issuerId !== null) await askForKeys(call, verified.issuerId, now());
    throw tokenProblem(verified);
  }
  notes.issuer = verified.principal.issuerId;
  if (route.permission !== null && route.permission !== 'public') {
    checkPermission(verified.principal, route.permission);
  }
  return { principal: verified.principal, registry };
};
