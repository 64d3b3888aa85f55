import type { Operation } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findTagged } from './find-tagged.ts';
import { versionHeader } from './object-headers.ts';

/** DeleteObjectTagging: no tags any more. */
export const deleteObjectTagging: Operation = async (call) => {
  const { versionId } = findTagged(call, 'Delete');
  await call.store.commit([{ op: 'tags', bucket: call.bucket, key: call.key, versionId, tags: [] }]);
  return { status: 204, headers: versionHeader(versionId, findBucket(call).record.versioning) };
};
