import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { ObjectVersion, Version } from '../store/records.ts';
import { currentVersion } from '../store/write.ts';
import { findBucket, missingKey, requireMay } from './find-bucket.ts';

/**
 * The object version a GET or HEAD asks for. Answers as S3 does for a missing key (404, or 403 without ListBucket), a
 * delete marker on top (404 with `x-amz-delete-marker`), a marker asked for by version (405), an unknown version (404).
 */
export function findVersion(call: Call): ObjectVersion {
  findBucket(call);
  requireMay(call, call.query.has('versionId') ? 's3:GetObjectVersion' : 's3:GetObject', call.key);
  return lookUpVersion(call);
}

/** The same for a caller whose permission was asked already. */
export function lookUpVersion(call: Call): ObjectVersion {
  findBucket(call);
  const versionId = call.query.get('versionId');
  if (versionId === undefined) {
    const version = currentVersion(call.store, call.bucket, call.key);
    if (!version) throw missingKey(call);
    if (version.kind === 'object') return version;
    throw missingKey(call, { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId });
  }
  const version = versionById(call, versionId);
  if (version?.kind === 'object') return version;
  if (version) {
    throw fault('MethodNotAllowed', {
      details: { Method: call.request.method ?? '', ResourceType: 'DeleteMarker' },
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId, allow: 'DELETE' },
    });
  }
  if (!call.may('s3:ListBucket')) throw fault('AccessDenied');
  throw fault('NoSuchVersion', { details: { Key: call.key, VersionId: versionId } });
}

/** One version of the call's key; InvalidArgument when the id is not of a version id's form. */
export function versionById(call: Pick<Call, 'store' | 'bucket' | 'key'>, versionId: string): Version | undefined {
  if (versionId !== 'null' && !/^[A-Za-z0-9._]{32}$/.test(versionId)) {
    throw fault('InvalidArgument', {
      message: 'Invalid version id specified',
      details: { ArgumentName: 'versionId', ArgumentValue: versionId },
    });
  }
  return findBucket(call)
    .keys.get(call.key)
    ?.find((version) => version.versionId === versionId);
}
