import { RESTORE_WINDOW_MS, UPLOAD_LIFE_MS, URL_EXPIRY_SECONDS } from '../../core/contract/limits.ts';
import type { LivingRecord, RecordIn, StoredRecord } from './record.ts';

const MINUTE_MS = 60_000;

/** How long after an event or grant the reconciler first looks by itself, in milliseconds; it must find bytes within 5 minutes. */
const LOOK_AFTER_MS = 3 * MINUTE_MS;

const later = (time: string, milliseconds: number): string => new Date(Date.parse(time) + milliseconds).toISOString();

/** End of an unfinished upload's life. */
export const expiresAt = (record: Pick<LivingRecord, 'createdAt'>): string => later(record.createdAt, UPLOAD_LIFE_MS);

/** Whether an unfinished upload's life is over at `at`; an object that came in time still counts. */
export const isPastLife = (record: StoredRecord, at: string): boolean =>
  (record.state === 'CREATED' || record.state === 'COMPLETING') && Date.parse(at) > Date.parse(expiresAt(record));

/** Whether a soft delete can still be undone at `at`. */
export const isRestorable = (record: RecordIn<'DELETED'>, at: string): boolean =>
  Date.parse(at) <= Date.parse(record.deletedAt) + RESTORE_WINDOW_MS;

/**
 * When the reconciler must look at a record that just entered its state; `null`: never.
 * REJECTED bytes stay for the restore window: they are the evidence, and they guard the key against another PUT.
 */
export const dueAfter = (record: LivingRecord, at: string): string | null => {
  switch (record.state) {
    case 'CREATED':
    case 'RECEIVED':
      return later(at, LOOK_AFTER_MS);
    case 'COMPLETING':
      return record.lease.until;
    case 'UPLOADED':
      return null;
    case 'REJECTED':
    case 'DELETED':
      return later(at, RESTORE_WINDOW_MS);
    case 'ABORTED':
      return later(at, URL_EXPIRY_SECONDS.max * 1_000);
  }
};
