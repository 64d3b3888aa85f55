import { UPLOAD_LIFE_MS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { OpenUpload } from '../objects/part-store.ts';
import type { StoredRecord } from '../record/record.ts';
import { isPastLife } from '../record/times.ts';
import { isoAt, unsettled } from './job.ts';

/** S3 may work on a Complete for minutes after nobody waits for it any more; an object that is not there after this will not come. */
const MAY_COME_MS = 15 * 60_000;

/** Whether a Complete was sent so lately that its object may yet come. */
const mayCome = (record: StoredRecord | null, nowMs: number): boolean => {
  if (record === null || !('history' in record)) return false;
  const tried = record.history.findLast(({ state }) => state === 'COMPLETING');
  return tried !== undefined && Date.parse(tried.at) + MAY_COME_MS > nowMs;
};

/** The answer for an upload that S3 has not open and whose object is not there: ended, or, after a Complete, not known yet. */
export const notOpen = (record: StoredRecord | null, nowMs: number): Problem =>
  mayCome(record, nowMs)
    ? unsettled('upload_not_open')
    : new Problem('upload_ended', 'S3 has this multipart upload no longer open; renew it, or create a new one.');

/** Whether an unfinished upload's life is over; without a record S3's own time of its start says it. */
export const isExpired = (record: StoredRecord | null, open: readonly OpenUpload[], nowMs: number): boolean => {
  if (record !== null) return isPastLife(record, isoAt(nowMs));
  const [first] = open;
  return first !== undefined && nowMs > first.startedMs + UPLOAD_LIFE_MS;
};
