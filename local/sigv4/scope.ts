import type { Refusal } from './refusal.ts';

/** What both ways of signing carry, read but not yet believed. */
export interface Claim {
  readonly via: 'header' | 'query';
  readonly accessKeyId: string;
  /** `YYYYMMDD/region/service/aws4_request`. */
  readonly scope: string;
  /** `YYYYMMDD'T'HHMMSS'Z'`. */
  readonly amzDate: string;
  /** Milliseconds since the epoch of `amzDate`. */
  readonly signedAt: number;
  /** Lower-case, sorted, without repeats. */
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly payloadHash: string;
  readonly sessionToken: string | null;
  /** Seconds the signature lives; null for header authentication, where the clock skew is the limit. */
  readonly expiresSeconds: number | null;
}

/** Region and service this endpoint answers for. */
export interface Place {
  readonly region: string;
  readonly service: string;
}

/** The parts of `AKID/YYYYMMDD/region/service/aws4_request`, or what is wrong with it, told through `fault`. */
export function parseCredential(
  text: string,
  amzDate: string,
  place: Place,
  fault: (message: string, details?: Readonly<Record<string, string>>) => Refusal,
): { accessKeyId: string; scope: string } | Refusal {
  const pieces = text.split('/');
  if (pieces.length < 5 || pieces.some((piece) => piece === '')) {
    return fault('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  const [date = '', region = '', service = '', terminal = ''] = pieces.slice(-4);
  if (terminal !== 'aws4_request') {
    return fault(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`);
  }
  if (service !== place.service) {
    return fault(`incorrect service "${service}". This endpoint belongs to "${place.service}".`);
  }
  if (region !== place.region) {
    return fault(`the region '${region}' is wrong; expecting '${place.region}'`, { Region: place.region });
  }
  if (!/^\d{8}$/.test(date)) {
    return fault(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`);
  }
  if (date !== amzDate.slice(0, 8)) {
    return fault(
      `Invalid credential date "${date}". This date is not the same as X-Amz-Date: "${amzDate.slice(0, 8)}".`,
    );
  }
  return { accessKeyId: pieces.slice(0, -4).join('/'), scope: pieces.slice(-4).join('/') };
}

/** Milliseconds since the epoch of `YYYYMMDD'T'HHMMSS'Z'`; null when it is not exactly that or no real moment. */
export function parseAmzDate(text: string): number | null {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match;
  const iso = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const time = Date.parse(iso);
  return Number.isFinite(time) && new Date(time).toISOString() === iso ? time : null;
}

/** `YYYYMMDD'T'HHMMSS'Z'` of a moment in milliseconds. */
export function formatAmzDate(time: number): string {
  return `${new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')}`;
}

/** `SignedHeaders` as a list; null unless lower-case, sorted, without repeats. */
export function parseSignedHeaders(text: string): string[] | null {
  const names = text.split(';');
  for (let i = 0; i < names.length; i++) {
    const name = names[i] ?? '';
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) return null;
    if (i > 0 && (names[i - 1] ?? '') >= name) return null;
  }
  return names;
}

const PAYLOAD_WORDS: ReadonlySet<string> = new Set([
  'UNSIGNED-PAYLOAD',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
]);

/** Whether `value` may stand where the payload's hash stands: 64 lower-case hex digits or one of S3's words. */
export function isPayloadHash(value: string): boolean {
  return /^[0-9a-f]{64}$/.test(value) || PAYLOAD_WORDS.has(value);
}
