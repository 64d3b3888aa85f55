import { fault, notImplemented } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { Seen } from '../store/uploads.ts';
import { currentVersion } from '../store/write.ts';
import { missingKey, requireMay } from './find-bucket.ts';
import { matchesEtag } from './read-conditions.ts';

/**
 * `If-None-Match: *` and `If-Match` of a write, judged before the body is read. Gives what was seen, to be compared
 * again when the write takes effect; null without a condition. Source: Amazon S3 user guide, "conditional writes".
 */
export function checkWriteCondition(call: Call): Seen | null {
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
