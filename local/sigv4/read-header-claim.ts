import { accessDenied, headerFault, type Refusal, refuse } from './refusal.ts';
import {
  type Claim,
  formatAmzDate,
  isPayloadHash,
  type Place,
  parseAmzDate,
  parseCredential,
  parseSignedHeaders,
} from './scope.ts';

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** Reads an `Authorization: AWS4-HMAC-SHA256 …` header and the headers that belong to it. */
export function readHeaderClaim(
  headers: ReadonlyMap<string, readonly string[]>,
  place: Place,
  bodySha256: string | undefined,
): Claim | Refusal {
  const [authorization = '', ...more] = headers.get('authorization') ?? [];
  if (more.length > 0) return refuse('InvalidArgument', 400, 'Only one Authorization header may be given.');
  const space = authorization.indexOf(' ');
  if (space < 0) {
    return refuse('InvalidArgument', 400, "Authorization header is invalid -- one and only one ' ' (space) required.");
  }
  if (authorization.slice(0, space) !== ALGORITHM) {
    return refuse(
      'InvalidRequest',
      400,
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  const parts = readParts(authorization.slice(space + 1));
  if (!(parts instanceof Map)) return parts;
  const moment = readDate(headers);
  if ('ok' in moment) return moment;
  const scope = parseCredential(parts.get('Credential') ?? '', moment.amzDate, place, headerFault);
  if ('ok' in scope) return scope;
  const signedHeaders = parseSignedHeaders(parts.get('SignedHeaders') ?? '');
  if (!signedHeaders) {
    return headerFault('SignedHeaders must be lower-case header names, sorted, separated by semicolons.');
  }
  const payloadHash = readPayloadHash(headers, place, bodySha256);
  if (typeof payloadHash !== 'string') return payloadHash;
  return {
    via: 'header',
    ...scope,
    ...moment,
    signedHeaders,
    signature: parts.get('Signature') ?? '',
    payloadHash,
    sessionToken: headers.get('x-amz-security-token')?.[0] ?? null,
    expiresSeconds: null,
  };
}

function readParts(text: string): Map<string, string> | Refusal {
  const parts = new Map<string, string>();
  for (const piece of text.split(',')) {
    const [, name = '', value = ''] = /^\s*(Credential|SignedHeaders|Signature)=(\S+)\s*$/.exec(piece) ?? [];
    if (name === '' || parts.has(name)) return headerFault('an authorization component is malformed.');
    parts.set(name, value);
  }
  for (const name of ['Credential', 'SignedHeaders', 'Signature']) {
    if (!parts.has(name)) return headerFault(`missing ${name}.`);
  }
  return parts;
}

/** `x-amz-date`, or the `Date` header of HTTP in its place. */
function readDate(headers: ReadonlyMap<string, readonly string[]>): { amzDate: string; signedAt: number } | Refusal {
  const own = headers.get('x-amz-date')?.[0];
  if (own !== undefined) {
    const signedAt = parseAmzDate(own);
    return signedAt === null ? dateFault() : { amzDate: own, signedAt };
  }
  const signedAt = Date.parse(headers.get('date')?.[0] ?? '');
  return Number.isFinite(signedAt) ? { amzDate: formatAmzDate(signedAt), signedAt } : dateFault();
}

const dateFault = (): Refusal => accessDenied('AWS authentication requires a valid Date or x-amz-date header');

function readPayloadHash(
  headers: ReadonlyMap<string, readonly string[]>,
  place: Place,
  bodySha256: string | undefined,
): string | Refusal {
  const value = headers.get('x-amz-content-sha256')?.[0] ?? (place.service === 's3' ? undefined : bodySha256);
  if (value === undefined) {
    return refuse('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256');
  }
  if (isPayloadHash(value)) return value;
  return refuse(
    'InvalidArgument',
    400,
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.',
  );
}
