import { isOwnedBy, parseId } from '../../core/contract/ids.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { Route } from '../../core/contract/routes.ts';
import type { Principal } from '../../core/identity/principal.ts';
import type { Subject } from '../record/facts.ts';

/** One answer for a wrong spelling, an unknown Region, a foreign id and one that never was. */
const notFound = (reason: string): Problem =>
  new Problem('upload_not_found', 'Send the id of an upload of yours, exactly as create answered it.', { reason });

/**
 * The caller's own upload that an id of a path names. Throws `upload_not_found`; `wrong_region` for another Region's id, before anything
 * is said about its owner; `region_not_allowed` where the issuer may no longer write to this Region.
 */
export const findSubject = (input: {
  readonly id: string;
  readonly principal: Principal;
  readonly route: Pick<Route, 'permission'>;
  /** Code of the own Region, and of all deployed ones. */
  readonly region: string;
  readonly regions: readonly string[];
}): Subject => {
  const { principal, region } = input;
  const upload = parseId(input.id);
  if (upload === undefined) throw notFound('id_malformed');
  if (!input.regions.includes(upload.region)) throw notFound('region_unknown');
  if (upload.region !== region) {
    throw new Problem(
      'wrong_region',
      `Send this request to the Region ${upload.region}, or through the gateway's own address.`,
    );
  }
  if (!isOwnedBy(upload, principal.ownerKey)) throw notFound('owner_other');
  if (input.route.permission === 'uploads:create' && !principal.limits.regions.includes(region)) {
    throw new Problem('region_not_allowed', `This issuer may not write to ${region}; create the upload again.`);
  }
  return { issuerId: principal.issuerId, ownerKey: principal.ownerKey, id: upload.id, upload };
};
