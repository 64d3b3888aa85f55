import { EDGE } from '../../core/contract/limits.ts';
import { disallowedIn, headerMapFault, headersLength } from './headers.ts';
import type { CfHeaders } from './types.ts';

/** An answer that the function made itself. */
export type GeneratedResponse = {
  readonly kind: 'response';
  readonly status: number;
  readonly statusDescription: string | undefined;
  readonly headers: CfHeaders;
  readonly body: Buffer;
};

/** Why CloudFront does not take the function's result. */
export type Invalid = { readonly kind: 'invalid'; readonly reason: string };

export const invalid = (reason: string): Invalid => ({ kind: 'invalid', reason });

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** Headers that a function may not set on an answer, besides the disallowed ones. */
const RESPONSE_READ_ONLY = ['transfer-encoding', 'via'] as const;

const statusOf = (status: unknown): number | undefined => {
  if (typeof status !== 'string' || !/^[2-5]\d\d$/.test(status)) return undefined;
  return Number(status);
};

/** Checks a generated response against the rules of an origin-request function; the body comes back decoded. */
export const readGeneratedResponse = (result: Readonly<Record<string, unknown>>): GeneratedResponse | Invalid => {
  const status = statusOf(result['status']);
  if (status === undefined) return invalid('status is not a string from 200 to 599');
  const { statusDescription, body = '', bodyEncoding = 'text', headers = {} } = result;
  if (statusDescription !== undefined && typeof statusDescription !== 'string')
    return invalid('statusDescription is not a string');
  const fault = headerMapFault(headers);
  if (fault !== null) return invalid(fault);
  const map = headers as CfHeaders;
  const disallowed = disallowedIn(map);
  if (disallowed !== null) return invalid(`header ${disallowed} is disallowed`);
  const readOnly = RESPONSE_READ_ONLY.find((name) => Object.hasOwn(map, name));
  if (readOnly !== undefined) return invalid(`header ${readOnly} may not be set`);
  if (typeof body !== 'string') return invalid('body is not a string');
  if (bodyEncoding !== 'text' && bodyEncoding !== 'base64') return invalid('bodyEncoding is not text or base64');
  if (bodyEncoding === 'base64' && (body.length % 4 !== 0 || !BASE64.test(body))) return invalid('body is not base64');
  const bytes = Buffer.from(body, bodyEncoding === 'base64' ? 'base64' : 'utf8');
  if (status === 204 && bytes.length > 0) return invalid('a 204 answer has a body');
  if (headersLength(map) + bytes.length > EDGE.responseMaxBytes)
    return invalid(`the answer with its headers is over ${EDGE.responseMaxBytes} bytes`);
  const length = map['content-length']?.[0]?.value;
  if (length !== undefined && length !== String(bytes.length)) return invalid('content-length is not that of the body');
  return { kind: 'response', status, statusDescription, headers: map, body: bytes };
};
