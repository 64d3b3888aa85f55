import type { Operation } from '../http/call.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** DeleteBucketPolicy: no policy any more, also where there was none. */
export const deleteBucketPolicy: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:DeleteBucketPolicy');
  const { policy: _, ...record } = findBucket(call).record;
  await call.store.commit([{ op: 'bucket', bucket: record }]);
  return { status: 204, headers: {} };
};
