import { hash } from 'node:crypto';
import { canonicalHeaders, canonicalQuery, canonicalRequest, uriEncode } from './canonical-request.ts';
import { type SigningCredentials, type SigningKeys, signature, signingKeys } from './signing-key.ts';
import { ALGORITHM, amzDate, credentialScope, stringToSign } from './string-to-sign.ts';

export type SignHeadersRequest = {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: string | URL;
  /** Headers to send and to sign, lower-case names; `host` comes from the URL. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The whole body, text as UTF-8; none is the empty body. */
  readonly body?: string | Uint8Array;
  /** Region name, such as `eu-west-1`. */
  readonly region: string;
  readonly service: 's3' | 'sqs';
  readonly credentials: SigningCredentials;
  /** Time of signing, milliseconds since 1970. */
  readonly now: number;
};

const OWN_HEADER = /^(host|authorization|x-amz-date|x-amz-security-token|x-amz-content-sha256)$/;

/** CanonicalURI: for S3 every segment of the path is encoded once, for every other service the sent path is encoded again. */
const canonicalPath = (url: URL, service: string): string =>
  url.pathname
    .split('/')
    .map((segment) => uriEncode(service === 's3' ? decodeURIComponent(segment) : segment))
    .join('/');

/**
 * Headers to send with a request so that AWS knows who sends it: the given ones, `host`, `x-amz-date`,
 * `x-amz-content-sha256`, `x-amz-security-token` for temporary credentials, and `authorization`. All are signed.
 * Throws a TypeError for what cannot be signed faithfully.
 * Source: "Authenticating Requests: Using the Authorization Header (AWS Signature Version 4)".
 */
export const signHeaders = (request: SignHeadersRequest, keys: SigningKeys = signingKeys): Record<string, string> => {
  const { method, region, service, credentials, headers: given = {} } = request;
  for (const name of Object.keys(given)) {
    if (OWN_HEADER.test(name)) throw new TypeError(`header ${name} belongs to the signature`);
  }
  const url = new URL(request.url);
  const date = amzDate(request.now);
  const scope = credentialScope(date, region, service);
  const payloadHash = hash('sha256', request.body ?? '', 'hex');
  const sent: Record<string, string> = {
    ...given,
    host: url.host,
    'x-amz-content-sha256': payloadHash,
    'x-amz-date': date,
    ...(credentials.sessionToken ? { 'x-amz-security-token': credentials.sessionToken } : {}),
  };
  const headers = canonicalHeaders(sent);
  const canonical = canonicalRequest({
    method,
    path: canonicalPath(url, service),
    query: canonicalQuery(url.searchParams),
    headers,
    payloadHash,
  });
  const key = keys(credentials, date.slice(0, 8), region, service);
  const proof = signature(key, stringToSign(date, scope, canonical));
  return {
    ...sent,
    authorization: `${ALGORITHM} Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${headers.signed}, Signature=${proof}`,
  };
};
