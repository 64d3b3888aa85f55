import { fault } from '../errors.ts';
import { type Operation, XML_TYPE } from '../http/call.ts';
import type { LifecycleRule } from '../options.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketLifecycleConfiguration: the rules as they were put. */
export const getBucketLifecycle: Operation = async (call) => {
  const { lifecycle } = findBucket(call).record;
  requireMay(call, 's3:GetLifecycleConfiguration');
  if (lifecycle.length === 0) throw fault('NoSuchLifecycleConfiguration', { details: { BucketName: call.bucket } });
  return { status: 200, headers: XML_TYPE, body: xmlDocument('LifecycleConfiguration', ...lifecycle.map(ruleElement)) };
};

function ruleElement(rule: LifecycleRule): string {
  const days = (name: string, value: number | null): string => (value === null ? '' : leaf(name, value));
  const around = (name: string, content: string): string => (content === '' ? '' : branch(name, content));
  return branch(
    'Rule',
    leaf('ID', rule.id),
    branch('Filter', leaf('Prefix', rule.prefix)),
    leaf('Status', rule.enabled ? 'Enabled' : 'Disabled'),
    around(
      'Expiration',
      days('Days', rule.expirationDays) + (rule.loneDeleteMarkers ? leaf('ExpiredObjectDeleteMarker', true) : ''),
    ),
    around('NoncurrentVersionExpiration', days('NoncurrentDays', rule.noncurrentDays)),
    around('AbortIncompleteMultipartUpload', days('DaysAfterInitiation', rule.abortIncompleteDays)),
  );
}
