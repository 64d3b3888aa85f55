import type { GateRegion } from '../core/config/gate.ts';
import type { UploadId } from '../core/contract/ids.ts';
import { PARTS_PER_CALL_MAX, UPLOAD_LIFE_MS, URL_EXPIRY_SECONDS } from '../core/contract/limits.ts';
import { requestInvalid } from '../core/contract/parse-request.ts';
import type { CreatedUpload, MultipartGrant } from '../core/contract/records.ts';
import type { RegionReason } from '../core/contract/states.ts';
import { grantForm, isFormValue } from '../core/objects/form-grant.ts';
import type { GrantContext } from '../core/objects/grant-context.ts';
import type { GrantMetadata } from '../core/objects/grant-metadata.ts';
import type { OpenMultipart } from '../core/objects/list-multiparts.ts';
import { grantParts } from '../core/objects/part-grants.ts';
import { partCount } from '../core/objects/plan-parts.ts';
import { grantPut } from '../core/objects/put-grant.ts';
import { s3Endpoint } from '../core/objects/s3-endpoint.ts';
import type { AuthorizedCall, RouteDeps } from './call.ts';
import type { TransferGrant } from './plan-upload.ts';

/** Life of this caller's URLs in seconds: the deployment's, and the issuer's if that is shorter. */
export const urlTtlSeconds = ({ runtime, principal }: Pick<AuthorizedCall, 'runtime' | 'principal'>): number =>
  Math.min(runtime.config.urlExpiry, principal.limits.urlTtlSeconds);

export type GrantedUpload = {
  readonly id: UploadId;
  /** Code of the home Region, which is deployed. */
  readonly region: string;
  readonly regionReason: RegionReason;
  readonly grant: TransferGrant;
};

/** The home Region's part of the configuration. */
export const homeOf = (call: Pick<AuthorizedCall, 'runtime'>, code: string): GateRegion => {
  const home = call.runtime.config.regions[code];
  if (home === undefined) throw new Error(`Region ${code} is not deployed`);
  return home;
};

/** What signs for this caller in a Region, now. */
export const signerFor = (
  call: AuthorizedCall,
  code: string,
  { now, credentials }: Pick<RouteDeps, 'now' | 'credentials'>,
): GrantContext => {
  const home = homeOf(call, code);
  return {
    endpoint: s3Endpoint({ bucket: home.bucket, region: home.name, endpoint: home.s3 }),
    region: home.name,
    credentials,
    issuerId: call.principal.issuerId,
    ownerKey: call.principal.ownerKey,
    now: now(),
  };
};

/** The grant as it travels with the object, `time` being milliseconds since 1970. */
export const metadataOf = ({ id, grant }: Pick<GrantedUpload, 'id' | 'grant'>, time: number): GrantMetadata => {
  const { name, size, type, sha256, metadata } = grant;
  return { id, name, size, type, sha256, metadata, createdAt: new Date(time).toISOString() };
};

/** The upload's parts: the first of them signed, none where each needs a checksum that only the caller knows. */
const firstParts = (
  signer: GrantContext,
  { id, grant }: GrantedUpload,
  { uploadId }: OpenMultipart,
  expiresIn: number,
): MultipartGrant => {
  const count = partCount(grant);
  const length = grant.checksumMode === 'sha256' ? 0 : Math.min(count, PARTS_PER_CALL_MAX);
  const numbers = Array.from({ length }, (_, index) => ({ number: index + 1 }));
  const parts = grantParts({ ...signer, plan: { ...grant, id }, uploadId, parts: numbers, expiresIn });
  return { uploadId, partSize: grant.partSize, partCount: count, parts };
};

/**
 * Signs a grant now and writes what create and renew answer. `open` is what S3 has open of an upload in parts, whose life
 * began when that was started. Throws `request_invalid` for a type that no form can carry.
 */
export const grantAnswer = (
  call: AuthorizedCall,
  granted: GrantedUpload,
  deps: Pick<RouteDeps, 'now' | 'credentials'>,
  open?: OpenMultipart,
): CreatedUpload =>
  call.steps.run('sign', () => {
    const { id, region, regionReason, grant } = granted;
    const signer = signerFor(call, region, deps);
    const createdAt = open?.startedAt ?? signer.now;
    const metadata = metadataOf(granted, createdAt);
    const expiresIn = urlTtlSeconds(call);
    const answer = {
      id,
      kind: grant.kind,
      state: 'CREATED',
      region,
      regionReason,
      createdAt: metadata.createdAt,
      expiresAt: new Date(createdAt + UPLOAD_LIFE_MS).toISOString(),
    } as const;
    if (open !== undefined) return { ...answer, multipart: firstParts(signer, granted, open, expiresIn) };
    if (grant.kind === 'put') return { ...answer, put: grantPut({ ...signer, grant: metadata, expiresIn }) };
    if (!isFormValue(grant.type)) {
      throw requestInvalid([{ path: '/type', message: "must not hold the place of a form's file name" }]);
    }
    const { bucket } = homeOf(call, region);
    const seconds = Math.min(expiresIn, URL_EXPIRY_SECONDS.formMax);
    return { ...answer, form: grantForm({ ...signer, bucket, grant: metadata, expiresIn: seconds }) };
  });
