import type { Whoami } from '../../core/contract/records.ts';
import { PERMISSIONS } from '../../core/contract/states.ts';
import { allowedRegions } from '../../core/identity/policy.ts';
import type { AuthorizedCall, Handle, RouteDeps } from '../call.ts';
import { urlTtlSeconds } from '../grant-answer.ts';
import { askRegion } from '../pick-region.ts';
import { respondJson } from '../respond.ts';

/** `GET /v1/whoami`: who the token speaks for, what it may do, and where its next upload would go. */
export const whoami =
  ({ edgeRegion }: RouteDeps): Handle<AuthorizedCall> =>
  (call) => {
    const { principal, runtime } = call;
    const { minBytes, maxBytes, types } = principal.limits;
    const nearest = askRegion(call, edgeRegion, { takesUploads: true });
    const answer: Whoami = {
      issuer: principal.issuerId,
      tenant: principal.tenant,
      subject: principal.subject,
      permissions: PERMISSIONS.filter((permission) => principal.permissions.has(permission)),
      limits: { minBytes, maxBytes, types: [...types], urlTtlSeconds: urlTtlSeconds(call) },
      regions: [...allowedRegions(principal, Object.keys(runtime.config.regions))],
      nearest: nearest.ok ? nearest.region : null,
      regionReason: nearest.ok ? nearest.reason : null,
      tokenExpiresAt: new Date(principal.expiresAt).toISOString(),
    };
    return respondJson(200, answer);
  };
