import { isOwnedBy, type ParsedId, parseId } from '../core/contract/ids.ts';
import { Problem } from '../core/contract/problems.ts';
import type { Route } from '../core/contract/routes.ts';
import { allowedRegions } from '../core/identity/policy.ts';
import type { Principal } from '../core/identity/principal.ts';

/** One answer for a wrong spelling, an unknown Region and another's id, so that none can be told from another. */
const notFound = (): Problem =>
  new Problem('upload_not_found', 'Send the id of an upload of yours, exactly as create answered it.');

/**
 * The caller's own upload that a raw path segment names. Throws `upload_not_found` for everything else, and on routes that
 * write `region_not_allowed` when its issuer may no longer use the Region; reading and deleting go on there.
 */
export const ownUpload = (
  segment: string,
  route: Route,
  principal: Principal,
  regions: Readonly<Record<string, unknown>>,
): ParsedId => {
  const upload = parseId(segment);
  if (upload === undefined || !Object.hasOwn(regions, upload.region)) throw notFound();
  if (!isOwnedBy(upload, principal.ownerKey)) throw notFound();
  if (route.permission === 'uploads:create' && allowedRegions(principal, [upload.region]).length === 0) {
    throw new Problem(
      'region_not_allowed',
      `Create a new upload: your issuer may no longer use ${upload.region}, where this one is.`,
    );
  }
  return upload;
};
