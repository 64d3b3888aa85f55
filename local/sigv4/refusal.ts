/** Why a signature was not accepted, in S3's own words: error code, message, HTTP status, and what S3 adds to its XML. */
export interface Refusal {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
  readonly status: number;
  /** Further elements of S3's error document, such as `HeadersNotSigned`. Never a secret, token or signature. */
  readonly details: Readonly<Record<string, string>>;
}

/** A refusal with S3's `code`, `message` and HTTP `status`. */
export function refuse(
  code: string,
  status: number,
  message: string,
  details: Readonly<Record<string, string>> = {},
): Refusal {
  return { ok: false, code, message, status, details };
}

export const accessDenied = (message = 'Access Denied', details: Readonly<Record<string, string>> = {}): Refusal =>
  refuse('AccessDenied', 403, message, details);

export const queryFault = (message: string, details: Readonly<Record<string, string>> = {}): Refusal =>
  refuse('AuthorizationQueryParametersError', 400, message, details);

export const headerFault = (message: string, details: Readonly<Record<string, string>> = {}): Refusal =>
  refuse('AuthorizationHeaderMalformed', 400, `The authorization header is malformed; ${message}`, details);

export const doesNotMatch = (details: Readonly<Record<string, string>> = {}): Refusal =>
  refuse(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    details,
  );

/** `There were headers present in the request which were not signed`, naming them. */
export const headersNotSigned = (names: readonly string[]): Refusal =>
  accessDenied('There were headers present in the request which were not signed', {
    HeadersNotSigned: names.join(', '),
  });
