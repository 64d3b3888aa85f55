import { EDGE } from '../../core/contract/limits.ts';
import { customHeadersFault, disallowedIn, headerMapFault, READ_ONLY } from './headers.ts';
import { type Invalid, invalid } from './read-response.ts';
import type { CfBody, CfCustomOrigin, CfHeaders, CfRequest } from './types.ts';

/** A request that the function lets through, checked. */
export type ForwardedRequest = {
  readonly kind: 'request';
  readonly uri: string;
  readonly querystring: string;
  readonly headers: CfHeaders;
  readonly origin: CfCustomOrigin;
  /** `null`: the viewer's own body, whole, however little of it the function saw. */
  readonly body: Buffer | null;
};

/** URI and query together, in characters. Source: Lambda@Edge restrictions. */
const URL_MAX_LENGTH = 8_192;
/** A replaced body in base64, in characters (1.33 MB). Source: Lambda@Edge restrictions. */
const REPLACED_BASE64_MAX = Math.floor((EDGE.bodyMaxBytes * 4) / 3);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** Visible ASCII: what may stand in a request line. */
const TARGET = /^[\x21-\x7e]*$/;

const sameValues = (a: CfHeaders[string] | undefined, b: CfHeaders[string] | undefined): boolean => {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every(({ value }, at) => value === b[at]?.value);
};

const headersFault = (headers: unknown, original: CfHeaders): string | null => {
  const fault = headerMapFault(headers);
  if (fault !== null) return fault;
  const map = headers as CfHeaders;
  const disallowed = disallowedIn(map);
  if (disallowed !== null) return `header ${disallowed} is disallowed`;
  const touched = READ_ONLY.find((name) => !sameValues(map[name], original[name]));
  return touched === undefined ? null : `header ${touched} is read-only`;
};

const between = (value: unknown, min: number, max: number): boolean =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;

const domainFault = (name: unknown): string | null => {
  if (typeof name !== 'string' || name === '') return 'origin.custom.domainName is missing';
  if (name.length > 253) return 'origin.custom.domainName is longer than 253 characters';
  if (name.includes(':')) return 'origin.custom.domainName has a colon';
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return 'origin.custom.domainName is an IP address';
  return /^[A-Za-z0-9.-]+$/.test(name) ? null : 'origin.custom.domainName is not a host name';
};

const customOriginFault = (custom: unknown, headers: CfHeaders): string | null => {
  if (!isRecord(custom)) return 'origin.custom is not an object';
  const { path, port, protocol, sslProtocols, customHeaders = {} } = custom;
  const domain = domainFault(custom['domainName']);
  if (domain !== null) return domain;
  if (typeof path !== 'string' || path.length > 255 || !/^(?:\/[\x21-\x7e]*[\x21-\x2e\x30-\x7e])?$/.test(path))
    return 'origin.custom.path is neither empty nor a slash and more without a slash at the end';
  if (port !== 80 && port !== 443 && !between(port, 1_024, 65_535))
    return 'origin.custom.port is not 80, 443 or 1024 to 65535';
  if (protocol !== 'http' && protocol !== 'https') return 'origin.custom.protocol is not http or https';
  if (!between(custom['keepaliveTimeout'], 1, 120)) return 'origin.custom.keepaliveTimeout is not 1 to 120';
  if (!between(custom['readTimeout'], 1, 120)) return 'origin.custom.readTimeout is not 1 to 120';
  if (!Array.isArray(sslProtocols) || sslProtocols.length === 0) return 'origin.custom.sslProtocols is missing';
  const fault = headerMapFault(customHeaders);
  if (fault !== null) return `origin.custom.customHeaders: ${fault}`;
  const doubled = Object.keys(customHeaders as CfHeaders).find((name) => Object.hasOwn(headers, name));
  if (doubled !== undefined) return `header ${doubled} is both a request header and an origin custom header`;
  return customHeadersFault(customHeaders as CfHeaders);
};

const originFault = (origin: unknown, headers: CfHeaders): string | null => {
  if (!isRecord(origin)) return 'origin is missing';
  const kinds = Object.keys(origin);
  if (kinds.length !== 1 || (kinds[0] !== 'custom' && kinds[0] !== 's3'))
    return 'origin is not exactly one of s3, custom';
  if (kinds[0] === 's3') return 'an s3 origin is not known to this platform';
  return customOriginFault(origin['custom'], headers);
};

const readBody = (body: unknown, original: CfBody): Buffer | null | Invalid => {
  if (body === undefined) return null;
  if (!isRecord(body)) return invalid('body is not an object');
  const { action = 'read-only', encoding = 'base64', data = '' } = body;
  if (body['inputTruncated'] !== undefined && body['inputTruncated'] !== original.inputTruncated)
    return invalid('body.inputTruncated is read-only');
  if (action === 'read-only') return null;
  if (action !== 'replace') return invalid('body.action is not read-only or replace');
  if (encoding !== 'base64' && encoding !== 'text') return invalid('body.encoding is not base64 or text');
  if (typeof data !== 'string') return invalid('body.data is not a string');
  if (encoding === 'base64' && data.length > REPLACED_BASE64_MAX)
    return invalid(`the replaced body is over ${REPLACED_BASE64_MAX} characters of base64`);
  const bytes = Buffer.from(data, encoding === 'base64' ? 'base64' : 'utf8');
  if (bytes.length > EDGE.bodyMaxBytes) return invalid(`the replaced body is over ${EDGE.bodyMaxBytes} bytes`);
  return bytes;
};

/** Checks a request that the function returned against the one it was given. */
export const readForwardedRequest = (
  result: Readonly<Record<string, unknown>>,
  original: CfRequest,
): ForwardedRequest | Invalid => {
  const { uri, querystring, headers, origin } = result;
  if (result['method'] !== original.method) return invalid('method is read-only');
  if (result['clientIp'] !== original.clientIp) return invalid('clientIp is read-only');
  if (typeof uri !== 'string' || !uri.startsWith('/') || !TARGET.test(uri))
    return invalid('uri is not a path of visible ASCII that begins with a slash');
  if (typeof querystring !== 'string' || !TARGET.test(querystring))
    return invalid('querystring is not a string of visible ASCII');
  if (uri.length + querystring.length >= URL_MAX_LENGTH)
    return invalid(`uri and querystring are not below ${URL_MAX_LENGTH} characters`);
  const fault = headersFault(headers, original.headers) ?? originFault(origin, headers as CfHeaders);
  if (fault !== null) return invalid(fault);
  const body = readBody(result['body'], original.body);
  if (body !== null && !Buffer.isBuffer(body)) return body;
  const { custom } = origin as { custom: CfCustomOrigin };
  return { kind: 'request', uri, querystring, headers: headers as CfHeaders, origin: custom, body };
};
