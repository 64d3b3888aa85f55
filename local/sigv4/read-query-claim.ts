import { accessDenied, queryFault, type Refusal } from './refusal.ts';
import type { QueryParameter } from './request.ts';
import { type Claim, isPayloadHash, type Place, parseAmzDate, parseCredential, parseSignedHeaders } from './scope.ts';

/** Longest life of a presigned URL, in seconds (7 days). Source: Amazon S3, using presigned URLs. */
export const EXPIRES_MAX_SECONDS = 604_800;

const REQUIRED = [
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-Date',
  'X-Amz-SignedHeaders',
  'X-Amz-Expires',
] as const;
const OPTIONAL = ['X-Amz-Security-Token', 'X-Amz-Content-Sha256'] as const;

/** Whether a query means to sign the request, by Signature Version 4. */
export function hasQueryAuth(parameters: readonly QueryParameter[]): boolean {
  return parameters.some(({ name }) => (REQUIRED as readonly string[]).includes(name));
}

/** Reads a presigned URL's parameters: all six there, each once and well-formed, scope and dates in step. */
export function readQueryClaim(
  parameters: readonly QueryParameter[],
  headers: ReadonlyMap<string, readonly string[]>,
  place: Place,
): Claim | Refusal {
  const found = new Map<string, string>();
  for (const { name, value } of parameters) {
    if (!([...REQUIRED, ...OPTIONAL] as readonly string[]).includes(name)) continue;
    if (found.has(name)) return queryFault(`${name} must be given once.`);
    found.set(name, value);
  }
  if (REQUIRED.some((name) => (found.get(name) ?? '') === '')) {
    return queryFault(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const get = (name: string): string => found.get(name) ?? '';
  if (get('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') {
    return queryFault('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
  }
  const amzDate = get('X-Amz-Date');
  const signedAt = parseAmzDate(amzDate);
  if (signedAt === null) return queryFault("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const expiresSeconds = readExpires(get('X-Amz-Expires'));
  if (typeof expiresSeconds !== 'number') return expiresSeconds;
  const scope = parseCredential(get('X-Amz-Credential'), amzDate, place, (message, details) =>
    queryFault(`Error parsing the X-Amz-Credential parameter; ${message}`, details),
  );
  if ('ok' in scope) return scope;
  const signedHeaders = parseSignedHeaders(get('X-Amz-SignedHeaders'));
  if (!signedHeaders) {
    return queryFault('X-Amz-SignedHeaders must be lower-case header names, sorted, separated by semicolons.');
  }
  const payloadHash = readPayloadHash(found.get('X-Amz-Content-Sha256'), headers);
  if (typeof payloadHash !== 'string') return payloadHash;
  return {
    via: 'query',
    ...scope,
    amzDate,
    signedAt,
    signedHeaders,
    signature: get('X-Amz-Signature'),
    payloadHash,
    sessionToken: found.get('X-Amz-Security-Token') ?? null,
    expiresSeconds,
  };
}

function readExpires(text: string): number | Refusal {
  if (!/^-?\d{1,12}$/.test(text)) return queryFault('X-Amz-Expires should be a number');
  const seconds = Number(text);
  if (seconds < 0) return queryFault('X-Amz-Expires must be non-negative');
  if (seconds === 0) return queryFault('X-Amz-Expires must be at least 1');
  if (seconds > EXPIRES_MAX_SECONDS) {
    return queryFault(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  return seconds;
}

/** A header's hash comes first (it has to be signed), then the parameter's, else the body is not covered. */
function readPayloadHash(
  parameter: string | undefined,
  headers: ReadonlyMap<string, readonly string[]>,
): string | Refusal {
  const header = headers.get('x-amz-content-sha256');
  if (header && parameter !== undefined && header[0] !== parameter) {
    return accessDenied('X-Amz-Content-Sha256 differs between the query and the header.');
  }
  const value = header?.[0] ?? parameter ?? 'UNSIGNED-PAYLOAD';
  return isPayloadHash(value)
    ? value
    : queryFault('X-Amz-Content-Sha256 must be UNSIGNED-PAYLOAD or a valid sha256 value.');
}
