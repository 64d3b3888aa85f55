import type { GateRegion } from '../core/config/gate.ts';
import type { Grant } from '../core/contract/grant.ts';
import type { UploadId } from '../core/contract/ids.ts';
import { UPLOAD_LIFE_MS } from '../core/contract/limits.ts';
import type { CreatedUpload } from '../core/contract/records.ts';
import type { RegionReason } from '../core/contract/states.ts';
import { grantPut } from '../core/objects/put-grant.ts';
import { s3Endpoint } from '../core/objects/s3-endpoint.ts';
import type { AuthorizedCall, RouteDeps } from './call.ts';

/** Life of this caller's URLs in seconds: the deployment's, and the issuer's if that is shorter. */
export const urlTtlSeconds = ({ runtime, principal }: Pick<AuthorizedCall, 'runtime' | 'principal'>): number =>
  Math.min(runtime.config.urlExpiry, principal.limits.urlTtlSeconds);

export type GrantedUpload = {
  readonly id: UploadId;
  /** Code of the home Region, which is deployed. */
  readonly region: string;
  readonly regionReason: RegionReason;
  readonly grant: Grant;
};

/** The home Region's part of the configuration. */
export const homeOf = (call: Pick<AuthorizedCall, 'runtime'>, code: string): GateRegion => {
  const home = call.runtime.config.regions[code];
  if (home === undefined) throw new Error(`Region ${code} is not deployed`);
  return home;
};

/** Signs a grant now and writes what create and renew answer. */
export const grantAnswer = (
  call: AuthorizedCall,
  { id, region, regionReason, grant }: GrantedUpload,
  { now, credentials }: Pick<RouteDeps, 'now' | 'credentials'>,
): CreatedUpload =>
  call.steps.run('sign', () => {
    const signedAt = now();
    const createdAt = new Date(signedAt).toISOString();
    const home = homeOf(call, region);
    const { name, size, type, sha256, metadata } = grant;
    const put = grantPut({
      endpoint: s3Endpoint({ bucket: home.bucket, region: home.name, endpoint: home.s3 }),
      region: home.name,
      credentials,
      issuerId: call.principal.issuerId,
      ownerKey: call.principal.ownerKey,
      grant: { id, name, size, type, sha256, metadata, createdAt },
      now: signedAt,
      expiresIn: urlTtlSeconds(call),
    });
    const expiresAt = new Date(signedAt + UPLOAD_LIFE_MS).toISOString();
    return { id, kind: 'put', state: 'CREATED', region, regionReason, createdAt, expiresAt, put };
  });
