/**
 * Every limit of nearput, once: value, unit and source. Imports nothing, so k6 can load it.
 */

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;

/** Response target of every route, in milliseconds. Load tests, alarms and docs share this figure. */
export const RESPONSE_TARGET_MS = 2_000;

/** What all outgoing calls of one request may take together, in milliseconds; past it the answer is 503. */
export const REQUEST_BUDGET_MS = 1_700;

/** How long finalize may work before it gives up, in milliseconds. */
export const FINALIZE_BUDGET_MS = 1_500;

/** How long the "created" event may take, in milliseconds, within the request's budget. */
export const CREATED_EVENT_BUDGET_MS = 700;

/** Seconds told to a client in `Retry-After` when it should simply try again. */
export const RETRY_AFTER_SECONDS = 1;

/** Single PUT and POST: largest object, in bytes. Source: Amazon S3 quotas. */
export const PUT_MAX_BYTES = 5 * GIB;

/** `method: auto` takes a single PUT up to this size, in bytes. */
export const AUTO_PUT_MAX_BYTES = 64 * MIB;

/** Largest object of S3, in bytes (48.8 TiB). Source: Amazon S3 multipart upload limits. */
export const OBJECT_MAX_BYTES = 10_000 * 5 * GIB;

/** Smallest part but the last, in bytes. Source: Amazon S3 multipart upload limits. */
export const PART_MIN_BYTES = 5 * MIB;

/** Largest part, in bytes. Source: Amazon S3 multipart upload limits. */
export const PART_MAX_BYTES = 5 * GIB;

/** Parts of one upload. Source: Amazon S3 multipart upload limits. */
export const PARTS_MAX = 10_000;

/** Smallest part when nobody asks for a size, in bytes: fewer requests than S3's own minimum would need. */
export const AUTO_PART_MIN_BYTES = 8 * MIB;

/** Part URLs signed in one call. */
export const PARTS_PER_CALL_MAX = 200;

/** Presigned URL life, in seconds. */
export const URL_EXPIRY_SECONDS = { min: 60, max: 3_600, default: 900, formMax: 300 } as const;

/** Download link life, in seconds. */
export const DOWNLOAD_TTL_SECONDS = { min: 1, max: 3_600, default: 300 } as const;

/** Life of an upload that was created but not finished, in milliseconds (7 days). */
export const UPLOAD_LIFE_MS = 7 * 24 * 3_600 * 1_000;

/** Window in which a soft delete can be undone, in milliseconds (7 days). */
export const RESTORE_WINDOW_MS = 7 * 24 * 3_600 * 1_000;

/** File name, in Unicode code points. */
export const NAME_MAX_CODE_POINTS = 255;

/** Media type, in characters. */
export const TYPE_MAX_LENGTH = 127;

/** `JSON.stringify([name, type, metadata])`, in bytes of UTF-8. */
export const GRANT_TEXT_MAX_BYTES = 1_200;

/** Grant metadata header value, in bytes; S3 allows 2,048 for all user metadata. */
export const GRANT_HEADER_MAX_BYTES = 1_950;

/** JSON request bodies, in bytes. */
export const JSON_BODY_MAX_BYTES = 64 * KIB;

/** Finalize's request body, in bytes. */
export const FINALIZE_BODY_MAX_BYTES = 2 * MIB;

/** Documents, in bytes; API Gateway takes no larger body. */
export const DOCUMENT_MAX_BYTES = 10_485_760;

/** Documents up to this size are handled by Lambda at once, in bytes; base64 makes them 4/3 as large and Lambda takes 6 MB. */
export const DOCUMENT_SYNC_MAX_BYTES = 4 * MIB;

/** Token, in bytes. API Gateway takes 10,240 bytes of headers in all. */
export const TOKEN_MAX_BYTES = 7 * KIB;

/** Query of a request that is sent on, in characters: with the longest token it still fits into API Gateway's 10,240 bytes. */
export const QUERY_MAX_LENGTH = 2_048;

/** Idempotency-Key, in printable ASCII characters. */
export const IDEMPOTENCY_KEY_LENGTH = { min: 16, max: 255 } as const;

/** Records in one page of a list. */
export const LIST_LIMIT = { min: 1, max: 100, default: 50 } as const;

/** Index items one list page reads in one cell and shard before it filters by state. */
export const LIST_READ_MAX = 300;

/** Entries kept in a record's history. */
export const HISTORY_MAX = 50;

/** Lambda@Edge at origin-request: generated answer with headers, in bytes; run time in seconds; memory in MB; our bundle in bytes. */
export const EDGE = {
  responseMaxBytes: 1_000_000,
  timeoutSeconds: 30,
  memoryMb: 1_024,
  bundleMaxBytes: 100_000,
  bodyMaxBytes: 1_000_000,
} as const;

/** API Gateway REST: body and all headers, in bytes; integration time in milliseconds. */
export const API_GATEWAY = { bodyMaxBytes: 10_485_760, headersMaxBytes: 10_240, timeoutMs: 29_000 } as const;

/** Origin custom header: number used, characters each. CloudFront allows 30 of 1,783 characters. */
export const CONFIG_HEADER = { count: 5, maxLength: 1_700 } as const;

/** Regions of one deployment. */
export const REGIONS_MAX = 10;

/** Registry ages in milliseconds: used as they are below `fresh`, refreshed beside the request below `stale`, refreshed first above, served at most `last`. */
export const REGISTRY_AGE_MS = { fresh: 10_000, stale: 25_000, last: 600_000, awaitBeside: 250 } as const;

/** How long a fetched key set outlives its provider's trouble, in milliseconds (24 h). */
export const KEYS_LIFE_MS = 24 * 3_600 * 1_000;

/** A provider is asked for its keys every minute by schedule, and for an unknown key at most once in this many milliseconds. */
export const KEYS_ASK_MS = 30_000;

/** How long telling the refresher may take, in milliseconds, within the request's budget. */
export const KEYS_ASK_BUDGET_MS = 250;

/** How long a Region's policy may go without being compared with another Region's before the next Region's copy is preferred, in milliseconds. */
export const UNCONFIRMED_MAX_MS = 300_000;

/** A fetched key set: bytes, milliseconds in all, keys. */
export const KEY_SET = { maxBytes: 64 * KIB, timeoutMs: 800, maxKeys: 16 } as const;

/** RSA moduli, in bits. */
export const RSA_BITS = { min: 2_048, max: 4_096 } as const;

/** Subject and tenant, in UTF-16 code units. */
export const CLAIM_MAX_LENGTH = 255;

/** Unverified values in a log line are cut at this many characters. */
export const LOG_VALUE_MAX_LENGTH = 64;
