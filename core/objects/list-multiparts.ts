import type { UploadId } from '../contract/ids.ts';
import { readUploadId, type SignedRequest } from './create-multipart.ts';
import type { GrantContext } from './grant-context.ts';
import { objectKey } from './object-key.ts';
import { objectUrl } from './s3-endpoint.ts';
import { signHeaders } from './sign-headers.ts';
import { type SigningKeys, signingKeys } from './signing-key.ts';

/** Uploads of one key asked for at once: two creates that met make two, no client makes ten. */
const UPLOADS_MAX = 10;

/** S3's ListMultipartUploads for the key of one upload. Source: "ListMultipartUploads" (Amazon S3 API). */
export const listMultiparts = (
  { endpoint, region, credentials, issuerId, ownerKey, now, id }: GrantContext & { readonly id: UploadId },
  keys: SigningKeys = signingKeys,
): SignedRequest => {
  const prefix = encodeURIComponent(objectKey({ issuerId, ownerKey, id }));
  const url = `${objectUrl(endpoint, '')}?max-uploads=${UPLOADS_MAX}&prefix=${prefix}&uploads=`;
  return {
    method: 'GET',
    url,
    headers: signHeaders({ method: 'GET', url, region, service: 's3', credentials, now }, keys),
  };
};

/** A multipart upload that S3 has open. */
export type OpenMultipart = {
  readonly uploadId: string;
  /** When it was started, milliseconds since 1970. */
  readonly startedAt: number;
};

const readOne = (xml: string): OpenMultipart[] => {
  const uploadId = readUploadId(xml);
  const startedAt = Date.parse(/<Initiated>([^<]+)</.exec(xml)?.[1] ?? '');
  return uploadId === undefined || Number.isNaN(startedAt) ? [] : [{ uploadId, startedAt }];
};

/**
 * The open upload of a key in S3's answer; `undefined` if there is none. Of several, which only creates at the same moment
 * make, it is the one started first, so that whoever asks is sent to the same.
 */
export const readOpenMultipart = (xml: string, key: string): OpenMultipart | undefined => {
  const [oldest] = Array.from(xml.matchAll(/<Upload>.*?<\/Upload>/gs), ([upload]) => upload)
    .filter((upload) => upload.includes(`<Key>${key}</Key>`))
    .flatMap(readOne)
    .sort((a, b) => a.startedAt - b.startedAt || (a.uploadId < b.uploadId ? -1 : 1));
  return oldest;
};
