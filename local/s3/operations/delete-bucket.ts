import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** DeleteBucket: only when no version of anything is left in it. */
export const deleteBucket: Operation = async (call) => {
  const { keys } = findBucket(call);
  requireMay(call, 's3:DeleteBucket');
  if (keys.size > 0) throw fault('BucketNotEmpty', { details: { BucketName: call.bucket } });
  await call.store.commit([{ op: 'drop-bucket', name: call.bucket }]);
  return { status: 204, headers: {} };
};
