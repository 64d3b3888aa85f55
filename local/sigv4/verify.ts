import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Credential } from '../support/credentials.ts';
import { canonicalRequest, stringToSign } from './canonical-request.ts';
import { readHeaderClaim } from './read-header-claim.ts';
import { hasQueryAuth, readQueryClaim } from './read-query-claim.ts';
import { accessDenied, doesNotMatch, headersNotSigned, type Refusal, refuse } from './refusal.ts';
import { headerMap, parseQuery, type SignedRequest } from './request.ts';
import type { Claim } from './scope.ts';
import { signingKey } from './signing-key.ts';

/** How far a request's own time may lie from ours, in milliseconds (15 minutes). Source: Amazon S3, RequestTimeTooSkewed. */
export const MAX_SKEW_MS = 15 * 60 * 1000;

export interface VerifyContext {
  find(accessKeyId: string): Credential | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly region: string;
  /** `s3`, `sqs`, `dynamodb`, … as it stands in the credential scope. */
  readonly service: string;
}

/** A signature that fits, and what it covers. */
export interface Verified {
  readonly ok: true;
  readonly credential: Credential;
  readonly signedHeaders: ReadonlySet<string>;
  /** What the signature says of the body; a hash must still be compared with the bytes by the caller. */
  readonly payloadHash: string;
  readonly via: 'header' | 'query' | 'form';
  /** What signed chunks of a streamed body are chained to. */
  readonly seed: {
    readonly key: KeyObject;
    readonly signature: string;
    readonly amzDate: string;
    readonly scope: string;
  };
}

/**
 * Checks a request's Signature Version 4, in `Authorization` or in the query, as Amazon S3 does, and refuses in S3's
 * words. With `service: 's3'` the path is encoded once, else twice. Never throws.
 */
export function verifySignature(request: SignedRequest, context: VerifyContext): Verified | Refusal {
  const parameters = parseQuery(request.rawQuery);
  if (!parameters) return refuse('InvalidURI', 400, "Couldn't parse the specified URI.");
  const headers = headerMap(request.headers);
  const inQuery = hasQueryAuth(parameters);
  const inHeader = headers.has('authorization');
  if (inQuery && inHeader) {
    return refuse(
      'InvalidArgument',
      400,
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  }
  if (!inQuery && !inHeader) {
    if (!parameters.some(({ name }) => name === 'AWSAccessKeyId')) return accessDenied();
    return refuse(
      'InvalidRequest',
      400,
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  const claim = inQuery
    ? readQueryClaim(parameters, headers, context)
    : readHeaderClaim(headers, context, request.bodySha256);
  if ('ok' in claim) return claim;
  const credential = findCredential(claim, context);
  if ('ok' in credential) return credential;
  const fault = checkTime(claim, context.now) ?? checkSignedHeaders(claim, headers);
  if (fault) return fault;
  const canonical = canonicalRequest(request, parameters, headers, claim, context.service);
  if (canonical === null) return doesNotMatch();
  const key = signingKey(credential, claim.scope);
  const text = stringToSign(canonical, claim);
  if (!sameSignature(claim.signature, createHmac('sha256', key).update(text).digest())) {
    return doesNotMatch({ AWSAccessKeyId: claim.accessKeyId, StringToSign: text });
  }
  return {
    ok: true,
    credential,
    signedHeaders: new Set(claim.signedHeaders),
    payloadHash: claim.payloadHash,
    via: claim.via,
    seed: { key, signature: claim.signature, amzDate: claim.amzDate, scope: claim.scope },
  };
}

/** The key must be known and its session token be exactly the one issued with it, and not have ended. */
export function findCredential(
  claim: Pick<Claim, 'accessKeyId' | 'sessionToken'>,
  { find, now }: VerifyContext,
): Credential | Refusal {
  const credential = find(claim.accessKeyId);
  if (!credential || (credential.sessionToken !== null && claim.sessionToken === null)) {
    return refuse('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.', {
      AWSAccessKeyId: claim.accessKeyId,
    });
  }
  if (credential.sessionToken !== claim.sessionToken && !sameText(credential.sessionToken, claim.sessionToken)) {
    return refuse('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.');
  }
  if (credential.expiresAt !== null && now >= credential.expiresAt) {
    return refuse('ExpiredToken', 400, 'The provided token has expired.');
  }
  return credential;
}

function checkTime(claim: Claim, now: number): Refusal | null {
  if (claim.expiresSeconds === null) {
    if (Math.abs(now - claim.signedAt) <= MAX_SKEW_MS) return null;
    return refuse(
      'RequestTimeTooSkewed',
      403,
      'The difference between the request time and the current time is too large.',
      {
        RequestTime: claim.amzDate,
        ServerTime: isoSeconds(now),
        MaxAllowedSkewMilliseconds: String(MAX_SKEW_MS),
      },
    );
  }
  const serverTime = isoSeconds(now);
  if (claim.signedAt - now > MAX_SKEW_MS) return accessDenied('Request is not yet valid', { ServerTime: serverTime });
  const endsAt = claim.signedAt + claim.expiresSeconds * 1000;
  if (now <= endsAt) return null;
  return accessDenied('Request has expired', {
    'X-Amz-Expires': String(claim.expiresSeconds),
    Expires: isoSeconds(endsAt),
    ServerTime: serverTime,
  });
}

/** `host` and every `x-amz-*` header that was sent have to be signed, and no signed header may come twice. */
function checkSignedHeaders(claim: Claim, headers: ReadonlyMap<string, readonly string[]>): Refusal | null {
  const signed = new Set(claim.signedHeaders);
  const missing = [...headers.keys()].filter((name) => name.startsWith('x-amz-') && !signed.has(name));
  if (!signed.has('host')) missing.unshift('host');
  return missing.length > 0 ? headersNotSigned(missing) : null;
}

/** Whether `hex` is the signature that was computed; takes the same time for every wrong one. */
export function sameSignature(hex: string, expected: Buffer): boolean {
  return /^[0-9a-f]{64}$/.test(hex) && timingSafeEqual(Buffer.from(hex, 'hex'), expected);
}

function sameText(a: string | null, b: string | null): boolean {
  const left = Buffer.from(a ?? '');
  const right = Buffer.from(b ?? '');
  return a !== null && b !== null && left.length === right.length && timingSafeEqual(left, right);
}

const isoSeconds = (time: number): string => new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
