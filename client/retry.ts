import { ConnectionError, NearputError, StorageError, UnexpectedAnswerError } from './errors.ts';

/** What to do about a failure: the same again, a fresh URL, ask finalize, or stop. */
export type Remedy = 'again' | 'renew' | 'finalize' | 'stop';

/** S3's refusals that a repeated request mends. */
const PASSING_STORAGE_CODES = new Set([
  'ConditionalRequestConflict',
  'RequestTimeout',
  'SlowDown',
  'InternalError',
  'ServiceUnavailable',
]);

const isExpiredUrl = (error: StorageError): boolean =>
  error.code === 'ExpiredToken' || (error.code === 'AccessDenied' && error.message.includes('Request has expired'));

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

const BASE_MS = 200;
const CAP_MS = 10_000;

/** Milliseconds to wait before attempt `attempt` (1 is the first repetition): exponential with full jitter, at least what the server asked. */
export const backoffMs = (attempt: number, random: () => number, retryAfterMs = 0): number =>
  Math.max(retryAfterMs, random() * Math.min(CAP_MS, BASE_MS * 2 ** attempt));
