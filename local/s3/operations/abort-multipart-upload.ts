import type { Operation } from '../http/call.ts';
import { abortUpload, findUpload } from '../store/uploads.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** AbortMultipartUpload: the upload ends and its parts are gone; parts still on their way find no upload. */
export const abortMultipartUpload: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:AbortMultipartUpload', call.key);
  const open = findUpload(call.store, call.bucket, call.key, call.query.get('uploadId') ?? '');
  await abortUpload(call.store, call.bucket, open);
  return { status: 204, headers: {} };
};
