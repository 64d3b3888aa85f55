import { PUT_MAX_BYTES, URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import type { PutGrant } from '../contract/records.ts';
import { GRANT_METADATA_HEADER } from '../contract/routes.ts';
import { clampExpiry } from './clamp-expiry.ts';
import type { GrantContext } from './grant-context.ts';
import { encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';
import { objectKey } from './object-key.ts';
import { presign } from './presign.ts';
import { type SigningKeys, signingKeys } from './signing-key.ts';

export type PutGrantRequest = GrantContext & {
  readonly grant: GrantMetadata;
  /** Wanted life of the URL in whole seconds, 60–3,600. */
  readonly expiresIn: number;
};

/**
 * Permission for one PUT. Bound are method, key, exact length, type, `If-None-Match: *`, the SHA-256 when declared, the
 * grant metadata and the expiry. `headers` are complete: all signed ones but `host` and `content-length`.
 * Throws a RangeError for an expiry outside the limits, credentials at their end, or a size no single PUT can have.
 */
export const grantPut = (request: PutGrantRequest, keys: SigningKeys = signingKeys): PutGrant => {
  const { endpoint, region, credentials, issuerId, ownerKey, grant, now } = request;
  if (grant.size > PUT_MAX_BYTES) throw new RangeError(`a single PUT takes at most ${PUT_MAX_BYTES} bytes`);
  const expiry = clampExpiry({
    now,
    expiresIn: request.expiresIn,
    limits: URL_EXPIRY_SECONDS,
    end: credentials.expiresAt,
  });
  const headers: Record<string, string> = {
    'content-type': grant.type,
    'if-none-match': '*',
    ...(grant.sha256 === null ? {} : { 'x-amz-checksum-sha256': Buffer.from(grant.sha256, 'hex').toString('base64') }),
    [GRANT_METADATA_HEADER]: encodeGrantMetadata(grant),
  };
  const url = presign(
    {
      method: 'PUT',
      endpoint,
      key: objectKey({ issuerId, ownerKey, id: grant.id }),
      headers: { ...headers, 'content-length': String(grant.size) },
      region,
      credentials,
      now,
      expiresIn: expiry.seconds,
    },
    keys,
  );
  return { method: 'PUT', url, headers, expiresAt: expiry.at };
};
