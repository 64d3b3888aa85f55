import { GATEWAY_REFUSALS } from './refusals.ts';
import type { GatewayAnswer, GatewayRefusal } from './types.ts';

/** Names that come back to the client as `x-amzn-remapped-{name}`. Source: "Amazon API Gateway important notes". */
const REMAPPED = new Set([
  'connection',
  'content-length',
  'content-md5',
  'date',
  'expect',
  'host',
  'max-forwards',
  'server',
  'user-agent',
  'www-authenticate',
  'x-forwarded-for',
]);
/** Names that do not come back at all. */
const DROPPED = new Set(['proxy-authenticate', 'te', 'trailer', 'transfer-encoding', 'upgrade']);
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

const malformed = (reason: string): GatewayRefusal =>
  GATEWAY_REFUSALS.badGateway(`malformed Lambda proxy response: ${reason}`);

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** Headers of both members as one list; a pair that stands in both counts once. `undefined`: not of this form. */
const readHeaders = (single: unknown, multi: unknown): [string, string][] | undefined => {
  const pairs: [string, string][] = [];
  if (multi !== undefined && multi !== null) {
    if (!isMap(multi)) return undefined;
    for (const [name, values] of Object.entries(multi)) {
      if (!Array.isArray(values) || !values.every(isScalar)) return undefined;
      for (const value of values) pairs.push([name, String(value)]);
    }
  }
  if (single !== undefined && single !== null) {
    if (!isMap(single)) return undefined;
    const known = new Set(pairs.map(([name, value]) => `${name.toLowerCase()}\n${value}`));
    for (const [name, value] of Object.entries(single)) {
      if (!isScalar(value)) return undefined;
      if (!known.has(`${name.toLowerCase()}\n${value}`)) pairs.push([name, String(value)]);
    }
  }
  return pairs.every(([name, value]) => NAME.test(name) && VALUE.test(value)) ? pairs : undefined;
};

const readStatus = (value: unknown): number | undefined => {
  const status = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599
    ? (status as number)
    : undefined;
};

/** Reads a Lambda function's result as the answer to a client. */
export const proxyAnswer = (result: unknown): GatewayAnswer | GatewayRefusal => {
  if (!isMap(result)) return malformed('not an object');
  const status = readStatus(result['statusCode']);
  if (status === undefined) return malformed('statusCode is not 200 to 599');
  const { body, isBase64Encoded = false } = result;
  if (body !== undefined && body !== null && typeof body !== 'string') return malformed('body is not a string');
  if (typeof isBase64Encoded !== 'boolean') return malformed('isBase64Encoded is not a boolean');
  const pairs = readHeaders(result['headers'], result['multiValueHeaders']);
  if (pairs === undefined) return malformed('headers are not of the form API Gateway takes');
  const headers: [string, string][] = [];
  let typed = false;
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    if (DROPPED.has(lower)) continue;
    if (lower === 'content-type') typed = true;
    headers.push(REMAPPED.has(lower) ? [`x-amzn-remapped-${lower}`, value] : [name, value]);
  }
  if (!typed) headers.push(['Content-Type', 'application/json']);
  return { status, headers, body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8') };
};
