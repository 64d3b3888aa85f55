import type { CfHeaders } from './types.ts';

/**
 * Header rules of CloudFront and Lambda@Edge.
 * Source: CloudFront developer guide, "Restrictions on all edge functions" and "Custom headers that CloudFront can't add".
 */

const DISALLOWED = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'trailer',
  'upgrade',
  'x-amzn-auth',
  'x-amzn-cf-billing',
  'x-amzn-cf-id',
  'x-amzn-cf-xff',
  'x-amzn-errortype',
  'x-amzn-fle-profile',
  'x-amzn-header-count',
  'x-amzn-header-order',
  'x-amzn-lambda-integration-tag',
  'x-amzn-requestid',
  'x-cache',
  'x-forwarded-proto',
  'x-real-ip',
]);
const DISALLOWED_PREFIX = /^(?:x-accel-|x-amz-cf-|x-edge-)/;

/** Neither shown to an edge function nor addable by one. `name` is lower case. */
export const isDisallowed = (name: string): boolean => DISALLOWED.has(name) || DISALLOWED_PREFIX.test(name);

/** Shown to an origin-request function, which may not add, change or delete them. */
export const READ_ONLY = [
  'accept-encoding',
  'cdn-loop',
  'content-length',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'transfer-encoding',
  'via',
] as const;

const NOT_AS_CUSTOM = new Set([
  'cache-control',
  'connection',
  'content-length',
  'cookie',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'request-range',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-real-ip',
]);

/** Limits of origin custom headers. Source: CloudFront quotas. */
const CUSTOM = { count: 30, nameLength: 256, valueLength: 1_783, totalLength: 10_240 } as const;

const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** Bytes that may stand in a field value. Source: RFC 9110, 5.5. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What is wrong with a value as CloudFront's header map, or `null`. */
export const headerMapFault = (value: unknown): string | null => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'headers are not a map';
  for (const [name, entries] of Object.entries(value)) {
    if (name !== name.toLowerCase()) return `header ${name} is not lower case`;
    if (!NAME.test(name)) return `header name ${JSON.stringify(name)} is not a token`;
    if (!Array.isArray(entries)) return `header ${name} is not a list`;
    for (const entry of entries as unknown[]) {
      if (typeof entry !== 'object' || entry === null) return `header ${name} holds no {key, value}`;
      const { key, value: text } = entry as { key?: unknown; value?: unknown };
      if (key !== undefined && (typeof key !== 'string' || key.toLowerCase() !== name))
        return `header ${name} has a key of another name`;
      if (typeof text !== 'string') return `header ${name} has a value that is not a string`;
      if (!VALUE.test(text)) return `header ${name} has a value with characters that cannot be sent`;
    }
  }
  return null;
};

/** The first disallowed name of a header map, or `null`. */
export const disallowedIn = (headers: CfHeaders): string | null =>
  Object.keys(headers).find((name) => isDisallowed(name)) ?? null;

/** What is wrong with origin custom headers, or `null`. */
export const customHeadersFault = (headers: CfHeaders): string | null => {
  let count = 0;
  let total = 0;
  for (const [name, entries] of Object.entries(headers)) {
    if (isDisallowed(name) || NOT_AS_CUSTOM.has(name) || name.startsWith('x-amz-'))
      return `origin custom header ${name} is not allowed`;
    if (name.length > CUSTOM.nameLength) return `origin custom header name longer than ${CUSTOM.nameLength}`;
    for (const { value } of entries) {
      count += 1;
      total += name.length + value.length;
      if (value.length > CUSTOM.valueLength) return `origin custom header ${name} longer than ${CUSTOM.valueLength}`;
    }
  }
  if (count > CUSTOM.count) return `more than ${CUSTOM.count} origin custom headers`;
  if (total > CUSTOM.totalLength) return `origin custom headers longer than ${CUSTOM.totalLength} in all`;
  return null;
};

/** Length of a header map on the wire, in characters. */
export const headersLength = (headers: CfHeaders): number => {
  let total = 0;
  for (const [name, entries] of Object.entries(headers))
    for (const { value } of entries) total += name.length + value.length + 4;
  return total;
};
