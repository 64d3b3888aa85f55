import { GRANT_METADATA_HEADER } from '../contract/routes.ts';
import type { ChecksumMode } from '../contract/states.ts';
import { S3_UPLOAD_ID } from '../contract/text.ts';
import type { GrantContext } from './grant-context.ts';
import { encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';
import { objectKey } from './object-key.ts';
import { objectUrl } from './s3-endpoint.ts';
import { signHeaders } from './sign-headers.ts';
import { type SigningKeys, signingKeys } from './signing-key.ts';

/** A request to S3 without a body, signed by its headers. */
export type SignedRequest = {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** Part checksums are S3's alone to combine: SHA-256 into a composite of all parts, CRC-64/NVME into that of the whole object. */
const CHECKSUMS: Readonly<Record<ChecksumMode, readonly [algorithm: string, type: string]>> = {
  none: ['CRC64NVME', 'FULL_OBJECT'],
  sha256: ['SHA256', 'COMPOSITE'],
};

export type CreateMultipartRequest = GrantContext & {
  readonly grant: GrantMetadata;
  readonly checksumMode: ChecksumMode;
};

/**
 * S3's CreateMultipartUpload for a grant: type, grant metadata and checksum are fixed here for the object that the parts
 * will make. Source: "CreateMultipartUpload" (Amazon S3 API).
 */
export const createMultipart = (request: CreateMultipartRequest, keys: SigningKeys = signingKeys): SignedRequest => {
  const { endpoint, region, credentials, issuerId, ownerKey, grant, now } = request;
  const url = `${objectUrl(endpoint, objectKey({ issuerId, ownerKey, id: grant.id }))}?uploads=`;
  const [algorithm, type] = CHECKSUMS[request.checksumMode];
  const headers = {
    'content-type': grant.type,
    'x-amz-checksum-algorithm': algorithm,
    'x-amz-checksum-type': type,
    [GRANT_METADATA_HEADER]: encodeGrantMetadata(grant),
  };
  return {
    method: 'POST',
    url,
    headers: signHeaders({ method: 'POST', url, headers, region, service: 's3', credentials, now }, keys),
  };
};

const UPLOAD_ID = new RegExp(`<UploadId>(${S3_UPLOAD_ID})</UploadId>`);

/** The upload id in S3's answer, or in a part of one; `undefined` if there is none. */
export const readUploadId = (xml: string): string | undefined => UPLOAD_ID.exec(xml)?.[1];
