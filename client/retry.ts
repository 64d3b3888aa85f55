import { ConnectionError, NearputError, StorageError, UnexpectedAnswerError } from './errors.ts';

/** What to do about a failure: the same again, a fresh URL, ask finalize, or stop. */
export type Remedy = 'again' | 'renew' | 'finalize' | 'stop';

/** S3's refusals that a repeated request mends. */
const PASSING_STORAGE_CODES = new Set([
  'ConditionalRequestConflict',
  'OperationAborted',
  'IncompleteBody',
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
]);

/** S3's refusals of bytes that are not those of the checksum that was declared. */
const HURT_CODES = new Set(['BadDigest', 'XAmzContentChecksumMismatch']);

const isHurt = (error: unknown): boolean => error instanceof StorageError && HURT_CODES.has(error.code);

/** What S3 says in an `AccessDenied` when a URL or a form has outlived its time. */
const EXPIRED = /Request has expired|Policy expired/;

const isExpiredUrl = (error: StorageError): boolean =>
  error.code === 'ExpiredToken' ||
  error.code === 'TokenRefreshRequired' ||
  (error.code === 'AccessDenied' && EXPIRED.test(error.message));

const storageRemedy = (error: StorageError): Remedy => {
  if (error.status >= 500 || PASSING_STORAGE_CODES.has(error.code)) return 'again';
  if (isExpiredUrl(error)) return 'renew';
  return error.status === 412 ? 'finalize' : 'stop';
};

/** Chooses the remedy by cause. Whatever is not known to pass stops. */
export const remedyFor = (error: unknown): Remedy => {
  if (error instanceof ConnectionError) return 'again';
  if (error instanceof StorageError) return storageRemedy(error);
  if (error instanceof NearputError || error instanceof UnexpectedAnswerError) {
    return error.status >= 500 || error.status === 429 ? 'again' : 'stop';
  }
  return 'stop';
};

/** The remedy for one part, whose checksum was computed here. An upload that S3 no longer has open may be complete: finalize knows. */
export const remedyForPart = (error: unknown): Remedy => {
  if (isHurt(error)) return 'again';
  if (error instanceof StorageError && error.code === 'NoSuchUpload') return 'finalize';
  return remedyFor(error);
};

/**
 * The remedy for a whole file, after the failures `before`. Bytes that were hurt on the way are sent once more; twice hurt, it is
 * rather the SHA-256 the caller declared that is wrong.
 */
export const remedyForWhole = (error: unknown, before: readonly unknown[]): Remedy =>
  isHurt(error) && !before.some(isHurt) ? 'again' : remedyFor(error);

/** Whether fewer requests at once may help. */
export const isStrain = (error: unknown): boolean =>
  error instanceof StorageError
    ? error.status === 503 || error.status === 429 || error.code === 'RequestTimeout'
    : error instanceof ConnectionError && error.failure === 'timeout';

/** Whether this S3 gave no answer of its own: nothing came, or it calls itself unavailable. */
export const isSilence = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  (error instanceof StorageError && error.status === 503 && error.code !== 'SlowDown');

/** Attempts without an answer after which another Region is tried, while nothing is stored. */
export const SILENT_ATTEMPTS_MAX = 2;

const BASE_MS = 200;
const CAP_MS = 10_000;

/** Milliseconds to wait before attempt `attempt` (1 is the first repetition): exponential with full jitter, at least what the server asked. */
export const backoffMs = (attempt: number, random: () => number, retryAfterMs = 0): number =>
  Math.max(retryAfterMs, random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
