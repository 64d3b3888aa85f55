import { abortsAt } from '../lifecycle/due.ts';
import type { BucketRecord, Upload } from '../store/records.ts';

/** When a lifecycle rule will end this upload, and which: `x-amz-abort-date` and `x-amz-abort-rule-id`. */
export function abortHeaders(bucket: BucketRecord, upload: Upload): Record<string, string> {
  const due = abortsAt(bucket.lifecycle, upload);
  if (!due) return {};
  return { 'x-amz-abort-date': new Date(due.at).toUTCString(), 'x-amz-abort-rule-id': due.rule.id };
}
