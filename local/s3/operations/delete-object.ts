import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import { currentVersion, deleteCurrent, deleteVersion } from '../store/write.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { versionById } from './find-version.ts';
import { matchesEtag } from './read-conditions.ts';

/** DeleteObject: a marker on top where versions are kept, or one version for good. What is not there is deleted already. */
export const deleteObject: Operation = async (call) => {
  const { record } = findBucket(call);
  const versionId = call.query.get('versionId');
  if (versionId === undefined) {
    requireMay(call, 's3:DeleteObject', call.key);
    const ifMatch = call.header('if-match');
    const current = currentVersion(call.store, call.bucket, call.key);
    if (ifMatch !== undefined && !(current?.kind === 'object' && matchesEtag(ifMatch, current.etag))) {
      throw fault('PreconditionFailed', { details: { Condition: 'If-Match' } });
    }
    const marker = await deleteCurrent(call);
    return {
      status: 204,
      headers: marker ? { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker.versionId } : {},
    };
  }
  requireMay(call, 's3:DeleteObjectVersion', call.key);
  versionById(call, versionId);
  const removed = await deleteVersion(call, versionId);
  return {
    status: 204,
    headers: {
      ...(record.versioning === 'off' ? {} : { 'x-amz-version-id': versionId }),
      ...(removed?.kind === 'marker' ? { 'x-amz-delete-marker': 'true' } : {}),
    },
  };
};
