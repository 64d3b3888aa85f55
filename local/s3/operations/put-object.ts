import { readBodyRules } from '../body/body-rules.ts';
import { receiveBody } from '../body/receive-body.ts';
import { fault, notImplemented } from '../errors.ts';
import type { Call, Operation } from '../http/call.ts';
import type { Version } from '../store/records.ts';
import { currentVersion, putVersion } from '../store/write.ts';
import { findBucket, missingKey, requireMay } from './find-bucket.ts';
import { versionHeader } from './object-headers.ts';
import { readObjectHeaders } from './put-object-headers.ts';
import { matchesEtag } from './read-conditions.ts';

/** Largest object of a single PUT, in bytes (5 GiB). Source: Amazon S3 quotas. */
export const PUT_MAX_BYTES = 5 * 1024 ** 3;

/** PutObject: the whole body as declared becomes the newest version, or nothing is stored. */
export const putObject: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  const kept = readObjectHeaders(call);
  const rules = readBodyRules(call, PUT_MAX_BYTES);
  const condition = checkWriteCondition(call);
  const { file, size, etag, checksum } = await receiveBody(call, rules);
  const draft = { file, size, etag, checksum, ...kept };
  try {
    const version = await putVersion({ ...call, source: { ...call.source, time: call.now() } }, draft, condition);
    return {
      status: 200,
      headers: {
        etag: `"${etag}"`,
        'x-amz-server-side-encryption': 'AES256',
        [`x-amz-checksum-${checksum.algorithm}`]: checksum.value,
        'x-amz-checksum-type': 'FULL_OBJECT',
        ...versionHeader(version.versionId, bucket.record.versioning),
      },
    };
  } catch (error) {
    await call.store.files.remove(file);
    throw error;
  }
};

/**
 * `If-None-Match: *` and `If-Match` of a write, judged before the body is read. Gives what was seen, to be compared
 * again when the write takes effect; null without a condition. Source: Amazon S3 user guide, "conditional writes".
 */
function checkWriteCondition(call: Call): { readonly current: Version | undefined } | null {
  const ifNoneMatch = call.header('if-none-match');
  const ifMatch = call.header('if-match');
  if (ifNoneMatch === undefined && ifMatch === undefined) return null;
  if (ifNoneMatch !== undefined && (ifNoneMatch !== '*' || ifMatch !== undefined))
    throw notImplemented('If-None-Match');
  const current = currentVersion(call.store, call.bucket, call.key);
  if (ifNoneMatch !== undefined) {
    if (current?.kind === 'object') throw fault('PreconditionFailed', { details: { Condition: 'If-None-Match' } });
    return { current };
  }
  requireMay(call, 's3:GetObject', call.key);
  if (current?.kind !== 'object') throw missingKey(call);
  if (!matchesEtag(ifMatch ?? '', current.etag))
    throw fault('PreconditionFailed', { details: { Condition: 'If-Match' } });
  return { current };
}
