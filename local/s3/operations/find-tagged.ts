import type { Call } from '../http/call.ts';
import type { ObjectVersion } from '../store/records.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { lookUpVersion } from './find-version.ts';

/** The version whose tags a call is about; needs `s3:{verb}ObjectTagging`, or `…ObjectVersionTagging` with a version id. */
export function findTagged(call: Call, verb: 'Get' | 'Put' | 'Delete'): ObjectVersion {
  findBucket(call);
  const versioned = call.query.has('versionId') ? 'Version' : '';
  requireMay(call, `s3:${verb}Object${versioned}Tagging`, call.key);
  return lookUpVersion(call);
}
