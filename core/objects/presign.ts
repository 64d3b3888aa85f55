import { canonicalHeaders, canonicalQuery, canonicalRequest, UNSIGNED_PAYLOAD } from './canonical-request.ts';
import { type Endpoint, objectPath } from './s3-endpoint.ts';
import { type SigningCredentials, type SigningKeys, signature, signingKeys } from './signing-key.ts';
import { ALGORITHM, amzDate, credentialScope, stringToSign } from './string-to-sign.ts';

/** Life of a presigned URL as S3 takes it, in seconds. Source: "Sharing objects with presigned URLs". */
export const PRESIGN_SECONDS = { min: 1, max: 604_800 } as const;

export type PresignRequest = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly endpoint: Endpoint;
  /** Object key, not encoded; empty for the bucket itself. */
  readonly key: string;
  /** Query parameters beside the signature's own, not encoded. */
  readonly query?: Readonly<Record<string, string>>;
  /** Headers the sender must send exactly so, lower-case names; `host` is added. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Region name, such as `eu-west-1`. */
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** Time of signing, milliseconds since 1970. */
  readonly now: number;
  /** Life of the URL in whole seconds, 1–604,800, from the second of signing. */
  readonly expiresIn: number;
};

const OWN_PARAMETER = /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token)$/i;

/** Throws a RangeError unless `seconds` is a whole number within the limits. */
export const assertExpiry = (seconds: number, limits: { readonly min: number; readonly max: number }): void => {
  if (Number.isInteger(seconds) && seconds >= limits.min && seconds <= limits.max) return;
  throw new RangeError(`expiry ${seconds} is not a whole number of seconds from ${limits.min} to ${limits.max}`);
};

const assertOwnParametersFree = (query: Readonly<Record<string, string>>): void => {
  for (const name of Object.keys(query)) {
    if (OWN_PARAMETER.test(name)) throw new TypeError(`query parameter ${name} belongs to the signature`);
  }
};

/**
 * A presigned S3 URL: method, key, query and every given header are bound, the body is not.
 * Throws a RangeError for an expiry or time outside the limits, a TypeError for what cannot be signed faithfully.
 * Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
 */
export const presign = (request: PresignRequest, keys: SigningKeys = signingKeys): string => {
  const { method, endpoint, region, credentials, expiresIn, query: given = {} } = request;
  assertExpiry(expiresIn, PRESIGN_SECONDS);
  assertOwnParametersFree(given);

  const date = amzDate(request.now);
  const scope = credentialScope(date, region, 's3');
  const headers = canonicalHeaders({ ...request.headers, host: endpoint.host });
  const query = canonicalQuery([
    ...Object.entries(given),
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${credentials.accessKeyId}/${scope}`],
    ['X-Amz-Date', date],
    ['X-Amz-Expires', String(expiresIn)],
    ['X-Amz-SignedHeaders', headers.signed],
    ...(credentials.sessionToken ? [['X-Amz-Security-Token', credentials.sessionToken] as const] : []),
  ]);
  const path = objectPath(endpoint, request.key);
  const canonical = canonicalRequest({ method, path, query, headers, payloadHash: UNSIGNED_PAYLOAD });
  const key = keys(credentials, date.slice(0, 8), region, 's3');
  return `${endpoint.origin}${path}?${query}&X-Amz-Signature=${signature(key, stringToSign(date, scope, canonical))}`;
};
