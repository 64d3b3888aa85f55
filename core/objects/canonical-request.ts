/**
 * The canonical request of AWS Signature Version 4, step by step.
 * Source: "Create a signed AWS API request", step 1, and "Signature Calculations for the Authorization Header" (Amazon S3 API).
 */

/** Payload hash of every presigned S3 URL: the body is not known when the URL is made. */
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
const HEADER_NAME = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

const percent = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * UriEncode of the specification: every byte of the UTF-8 form but `A-Z a-z 0-9 - . _ ~` becomes `%XX` in upper case.
 * Throws a TypeError for text that is not well-formed Unicode.
 */
export const uriEncode = (text: string): string => {
  if (UNRESERVED.test(text)) return text;
  if (!text.isWellFormed()) throw new TypeError('text to be signed is not well-formed Unicode');
  return encodeURIComponent(text).replace(/[!'()*]/g, percent);
};

/**
 * An object key as it stands in a URL: every segment encoded once, slashes kept.
 * Throws a TypeError for a `.` or `..` segment: URL parsers would remove it and ask for another key than the one signed.
 */
export const encodeKey = (key: string): string => {
  const segments = key.split('/');
  for (const segment of segments) {
    if (segment === '.' || segment === '..') throw new TypeError('an object key with a dot segment cannot be signed');
  }
  return segments.map(uriEncode).join('/');
};

type Pair = readonly [name: string, value: string];

const byNameThenValue = ([a, b]: Pair, [c, d]: Pair): number => (a < c ? -1 : a > c ? 1 : b < d ? -1 : b > d ? 1 : 0);

/** CanonicalQueryString: names and values encoded, sorted by encoded name, then by encoded value. */
export const canonicalQuery = (parameters: Iterable<Pair>): string =>
  Array.from(parameters, ([name, value]): Pair => [uriEncode(name), uriEncode(value)])
    .sort(byNameThenValue)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');

/** CanonicalHeaders and SignedHeaders. */
export type CanonicalHeaders = {
  /** One `name:value\n` line for each header, sorted by name. */
  readonly canonical: string;
  /** The names, sorted and joined with `;`. */
  readonly signed: string;
};

/**
 * Canonical form of the headers to be signed; names in lower case.
 * Throws a TypeError for names that are not lower-case tokens and for values outside printable ASCII:
 * the bytes a client would send for those are not certain, so neither is the signature.
 */
export const canonicalHeaders = (headers: Readonly<Record<string, string>>): CanonicalHeaders => {
  const names = Object.keys(headers).sort();
  let canonical = '';
  for (const name of names) {
    const value = headers[name] ?? '';
    if (!HEADER_NAME.test(name)) throw new TypeError(`header name ${JSON.stringify(name)} is not a lower-case token`);
    if (!HEADER_VALUE.test(value)) throw new TypeError(`header ${name} has characters that cannot be signed`);
    canonical += `${name}:${value.replace(/[ \t]+/g, ' ').trim()}\n`;
  }
  return { canonical, signed: names.join(';') };
};

/** The parts of a canonical request, each already in its canonical form. */
export type CanonicalRequestParts = {
  readonly method: string;
  /** CanonicalURI, starting with `/`. */
  readonly path: string;
  /** CanonicalQueryString. */
  readonly query: string;
  readonly headers: CanonicalHeaders;
  /** Lower-case hex SHA-256 of the body, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
};

/** CanonicalRequest: the six parts, joined by line feeds. */
export const canonicalRequest = ({ method, path, query, headers, payloadHash }: CanonicalRequestParts): string =>
  `${method}\n${path}\n${query}\n${headers.canonical}\n${headers.signed}\n${payloadHash}`;
