/**
 * Every problem code with its status and title (RFC 9457). A code never changes its meaning or its status.
 * Imports nothing, so k6 can load it.
 */
export const PROBLEMS = {
  body_not_json: { status: 400, title: 'The body is not JSON' },
  request_invalid: { status: 400, title: 'The request is not valid' },
  method_unavailable: { status: 400, title: 'The upload method is not available' },
  metadata_too_large: { status: 400, title: 'Name, type and metadata are too large' },
  cursor_invalid: { status: 400, title: 'The cursor is not valid' },
  idempotency_key_invalid: { status: 400, title: 'The Idempotency-Key is not valid' },
  document_invalid: { status: 400, title: 'The document is not valid JSON' },

  token_missing: { status: 401, title: 'A bearer token is required' },
  token_malformed: { status: 401, title: 'The token is malformed' },
  token_untrusted: { status: 401, title: 'The token is not trusted' },
  token_type: { status: 401, title: 'The token type is not accepted' },
  token_expired: { status: 401, title: 'The token has expired' },
  token_not_yet_valid: { status: 401, title: 'The token is not valid yet' },
  token_too_old: { status: 401, title: 'The token is too old' },
  token_revoked: { status: 401, title: 'The token has been revoked' },
  audience_mismatch: { status: 401, title: 'The token is for another audience' },
  claims_invalid: { status: 401, title: 'The token lacks a required claim' },

  permission_missing: { status: 403, title: 'The token lacks a permission' },
  size_not_allowed: { status: 403, title: 'The size is not allowed' },
  type_not_allowed: { status: 403, title: 'The type is not allowed' },
  region_not_allowed: { status: 403, title: 'No Region is allowed' },

  upload_not_found: { status: 404, title: 'There is no such upload' },
  route_not_found: { status: 404, title: 'There is no such route' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },

  bytes_missing: { status: 409, title: 'The bytes have not arrived' },
  parts_missing: { status: 409, title: 'Parts are missing' },
  part_mismatch: { status: 409, title: 'A part differs from the plan' },
  content_mismatch: { status: 409, title: 'The content differs from the claim' },
  already_complete: { status: 409, title: 'The upload is already complete' },
  grant_mismatch: { status: 409, title: 'The body differs from what was granted' },
  upload_ended: { status: 409, title: 'S3 no longer has this multipart upload open' },

  upload_expired: { status: 410, title: 'The upload has expired' },
  upload_aborted: { status: 410, title: 'The upload was aborted' },
  upload_deleted: { status: 410, title: 'The upload was deleted' },

  length_required: { status: 411, title: 'A content-length is required' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type: { status: 415, title: 'The content type is not supported' },
  wrong_region: { status: 421, title: 'The upload belongs to another Region' },
  upload_rejected: { status: 422, title: 'The upload was rejected' },
  throttled: { status: 429, title: 'Too many requests' },

  internal: { status: 500, title: 'Internal error' },
  configuration: { status: 500, title: 'The gateway is not configured correctly' },
  registry_unavailable: { status: 503, title: 'The issuer registry is unavailable' },
  region_unavailable: { status: 503, title: 'Every allowed Region is drained' },
  upstream_unavailable: { status: 503, title: 'A service behind the gateway is unavailable' },
} as const satisfies Record<string, { status: number; title: string }>;

/** Stable name of a problem. */
export type ProblemCode = keyof typeof PROBLEMS;

/** One fault in a request: JSON pointer and a sentence that says what to change. */
export type ProblemFault = { readonly path: string; readonly message: string };

/** The body of an `application/problem+json` answer. */
export type ProblemBody = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly ProblemFault[];
};

/** Media type of every problem. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The `type` member of a problem. */
export const problemType = (code: ProblemCode): string => `urn:nearput:problem:${code}`;

/** Extra facts a problem carries to its answer and its log line. */
export type ProblemOptions = {
  readonly errors?: readonly ProblemFault[];
  /** Answer headers, lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Exact refusal class for the log; never sent to the client. */
  readonly reason?: string;
  readonly cause?: unknown;
};

/** Thrown anywhere behind an entry point, caught once at the entry point. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors: readonly ProblemFault[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;

  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Problem';
    this.code = code;
    this.detail = detail;
    this.errors = options.errors;
    this.headers = options.headers ?? {};
    this.reason = options.reason;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** The wire form of a problem. */
export const problemBody = (
  code: ProblemCode,
  detail: string,
  requestId: string,
  errors?: readonly ProblemFault[],
): ProblemBody => ({
  type: problemType(code),
  title: PROBLEMS[code].title,
  status: PROBLEMS[code].status,
  code,
  detail,
  requestId,
  ...(errors === undefined || errors.length === 0 ? {} : { errors }),
});
