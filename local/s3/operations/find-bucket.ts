import { fault, type S3Error } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { BucketState } from '../store/state.ts';

/** The bucket of a call; NoSuchBucket when there is none. */
export function findBucket({ store, bucket }: Pick<Call, 'store' | 'bucket'>): BucketState {
  const state = store.state.buckets.get(bucket);
  if (!state) throw fault('NoSuchBucket', { details: { BucketName: bucket } });
  return state;
}

/** AccessDenied unless the caller may do `action`, in S3's words. */
export function requireMay(call: Pick<Call, 'may'>, action: string, key?: string): void {
  if (!call.may(action, key)) throw fault('AccessDenied');
}

/** What a caller is told of a key that is not there: without `s3:ListBucket` it is AccessDenied, so that keys cannot be guessed. */
export function missingKey(call: Pick<Call, 'may' | 'key'>, headers: Readonly<Record<string, string>> = {}): S3Error {
  if (!call.may('s3:ListBucket')) return fault('AccessDenied');
  return fault('NoSuchKey', { details: { Key: call.key }, headers });
}
