import type { Operation } from '../http/call.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** DeleteBucketLifecycle: no rules any more. */
export const deleteBucketLifecycle: Operation = async (call) => {
  const { record } = findBucket(call);
  requireMay(call, 's3:PutLifecycleConfiguration');
  await call.store.commit([{ op: 'bucket', bucket: { ...record, lifecycle: [] } }]);
  return { status: 204, headers: {} };
};
