import type { Operation } from '../http/call.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** HeadBucket: there, and the caller may list it. */
export const headBucket: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:ListBucket');
  return { status: 200, headers: { 'x-amz-bucket-region': call.region, 'content-type': 'application/xml' } };
};
