import { encodeKey } from './canonical-request.ts';

/** Where requests go: scheme and host, the host alone as the `host` header shows it, and a path before the key (`''` or `/…`). */
export type Endpoint = { readonly origin: string; readonly host: string; readonly prefix: string };

export type S3EndpointOptions = {
  readonly bucket: string;
  /** Region name, such as `eu-west-1`. */
  readonly region: string;
  /** Base URL of another S3, addressed by path; without it Amazon's. */
  readonly endpoint?: string | undefined;
};

/** General purpose bucket names. Source: Amazon S3 bucket naming rules. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-[0-9]{1,2}$/;

/** Splits a base URL; throws a TypeError for credentials, a query or a fragment in it, and for other schemes than http and https. */
export const parseEndpoint = (base: string): Endpoint => {
  const url = new URL(base);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('an endpoint is an http or https URL');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('an endpoint has no credentials, query or fragment');
  }
  return { origin: url.origin, host: url.host, prefix: url.pathname.replace(/\/+$/, '') };
};

/**
 * Where the objects of a bucket are: virtual-hosted at Amazon, path style for names with dots (their certificate would
 * not fit) and for another S3. Throws a TypeError for a bucket or Region name that is none.
 */
export const s3Endpoint = ({ bucket, region, endpoint }: S3EndpointOptions): Endpoint => {
  if (!BUCKET.test(bucket)) throw new TypeError(`${JSON.stringify(bucket)} is not a bucket name`);
  if (!REGION.test(region)) throw new TypeError(`${JSON.stringify(region)} is not a Region name`);
  if (endpoint !== undefined) {
    const base = parseEndpoint(endpoint);
    return { ...base, prefix: `${base.prefix}/${bucket}` };
  }
  const dotted = bucket.includes('.');
  const host = dotted ? `s3.${region}.amazonaws.com` : `${bucket}.s3.${region}.amazonaws.com`;
  return { origin: `https://${host}`, host, prefix: dotted ? `/${bucket}` : '' };
};

/** Path of an object at an endpoint, encoded as it is sent and signed; an empty key is the bucket itself. */
export const objectPath = (endpoint: Endpoint, key: string): string =>
  key === '' && endpoint.prefix !== '' ? endpoint.prefix : `${endpoint.prefix}/${encodeKey(key)}`;

/** URL of an object, unsigned. */
export const objectUrl = (endpoint: Endpoint, key: string): string => `${endpoint.origin}${objectPath(endpoint, key)}`;
