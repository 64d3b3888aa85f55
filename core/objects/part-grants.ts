import type { Plan } from '../contract/grant.ts';
import type { UploadId } from '../contract/ids.ts';
import { URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import type { PartGrant } from '../contract/records.ts';
import { clampExpiry } from './clamp-expiry.ts';
import type { GrantContext } from './grant-context.ts';
import { objectKey } from './object-key.ts';
import { partLength } from './plan-parts.ts';
import { presign } from './presign.ts';
import { type SigningKeys, signingKeys } from './signing-key.ts';

/** A part to be sent: its number, and its SHA-256 (64 lower-case hex digits) exactly where the plan asks for one. */
export type WantedPart = { readonly number: number; readonly sha256?: string | undefined };

export type PartGrantsRequest = GrantContext & {
  readonly plan: Pick<Plan, 'size' | 'partSize' | 'checksumMode'> & { readonly id: UploadId };
  /** S3's own id of the open upload, as S3 gave it. */
  readonly uploadId: string;
  readonly parts: readonly WantedPart[];
  /** Wanted life of the URLs in whole seconds, 60–3,600. */
  readonly expiresIn: number;
};

const checksumHeaders = ({ sha256 }: WantedPart): Record<string, string> =>
  sha256 === undefined ? {} : { 'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64') };

/**
 * Permission to PUT parts: each URL binds method, key, upload, number, the exact length that the plan gives this number,
 * the part's SHA-256 where the plan asks for it, and the expiry. `headers` are complete: all signed ones but `host` and
 * `content-length`. Throws a RangeError for a number beyond the plan and an expiry outside the limits, a TypeError for a
 * SHA-256 that is missing or was not asked for.
 */
export const grantParts = (request: PartGrantsRequest, keys: SigningKeys = signingKeys): PartGrant[] => {
  const { endpoint, region, credentials, issuerId, ownerKey, plan, uploadId, now, expiresIn } = request;
  const expiry = clampExpiry({ now, expiresIn, limits: URL_EXPIRY_SECONDS, end: credentials.expiresAt });
  const key = objectKey({ issuerId, ownerKey, id: plan.id });
  return request.parts.map((part) => {
    if ((part.sha256 === undefined) === (plan.checksumMode === 'sha256')) {
      throw new TypeError(`part ${part.number} needs a SHA-256 exactly where the plan asks for one`);
    }
    const { number } = part;
    const size = partLength(plan, number);
    const headers = checksumHeaders(part);
    const url = presign(
      {
        method: 'PUT',
        endpoint,
        key,
        query: { partNumber: String(number), uploadId },
        headers: { ...headers, 'content-length': String(size) },
        region,
        credentials,
        now,
        expiresIn: expiry.seconds,
      },
      keys,
    );
    return { number, size, url, headers, expiresAt: expiry.at };
  });
};
