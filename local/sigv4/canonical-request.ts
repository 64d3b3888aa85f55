import { createHash } from 'node:crypto';
import { percentDecode, percentEncode } from './percent.ts';
import type { QueryParameter, SignedRequest } from './request.ts';
import type { Claim } from './scope.ts';

/**
 * The specification's canonical request, from what was received. Null when the path has a broken escape or a signed
 * header is missing or came twice: then no signature can fit.
 * Source: AWS Signature Version 4, "Create a canonical request".
 */
export function canonicalRequest(
  request: SignedRequest,
  parameters: readonly QueryParameter[],
  headers: ReadonlyMap<string, readonly string[]>,
  claim: Claim,
  service: string,
): string | null {
  const path = canonicalPath(request.rawPath, service);
  if (path === null) return null;
  let lines = '';
  for (const name of claim.signedHeaders) {
    const values = headers.get(name);
    const value = values?.[0];
    if (value === undefined || values?.length !== 1) return null;
    lines += `${name}:${value.trim().replace(/ +/g, ' ')}\n`;
  }
  const query = canonicalQuery(parameters, claim.via === 'query');
  return `${request.method}\n${path}\n${query}\n${lines}\n${claim.signedHeaders.join(';')}\n${claim.payloadHash}`;
}

/** `AWS4-HMAC-SHA256`, date, scope and the hash of the canonical request (its characters are bytes). */
export function stringToSign(canonical: string, claim: Claim): string {
  const hash = createHash('sha256').update(canonical, 'latin1').digest('hex');
  return `AWS4-HMAC-SHA256\n${claim.amzDate}\n${claim.scope}\n${hash}`;
}

/** S3 encodes the object key once and leaves dots and double slashes alone; every other service encodes what was sent again. */
function canonicalPath(rawPath: string, service: string): string | null {
  if (service !== 's3') return percentEncode(rawPath === '' ? '/' : rawPath, true);
  const decoded = percentDecode(rawPath === '' ? '/' : rawPath);
  return decoded === null ? null : percentEncode(decoded, true);
}

function canonicalQuery(parameters: readonly QueryParameter[], presigned: boolean): string {
  const pairs: (readonly [string, string])[] = [];
  for (const { name, value } of parameters) {
    if (presigned && name === 'X-Amz-Signature') continue;
    pairs.push([percentEncode(name), percentEncode(value)]);
  }
  pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  return pairs.map(([name, value]) => `${name}=${value}`).join('&');
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
