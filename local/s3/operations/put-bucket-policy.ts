import { readXmlBody } from '../body/read-xml-body.ts';
import type { Operation } from '../http/call.ts';
import { parseBucketPolicy } from '../policy/bucket-policy.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** Longest policy, in bytes. Source: Amazon S3 user guide, "Policies and permissions". */
const MAX_BYTES = 20_480;

/** PutBucketPolicy: the new policy takes the place of the old; one that could not be enforced here is refused. */
export const putBucketPolicy: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutBucketPolicy');
  const policy = await readXmlBody(call, MAX_BYTES);
  parseBucketPolicy(policy);
  await call.store.commit([{ op: 'bucket', bucket: { ...findBucket(call).record, policy } }]);
  return { status: 204, headers: {} };
};
