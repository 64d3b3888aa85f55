import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketPolicy: the policy as it was put. */
export const getBucketPolicy: Operation = async (call) => {
  const { policy } = findBucket(call).record;
  requireMay(call, 's3:GetBucketPolicy');
  if (policy === undefined) throw fault('NoSuchBucketPolicy', { details: { BucketName: call.bucket } });
  return { status: 200, headers: { 'content-type': 'application/json' }, body: policy };
};
