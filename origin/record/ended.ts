import { Problem } from '../../core/contract/problems.ts';
import type { StoredRecord } from './record.ts';

/** The answer for an upload whose life is over and that has no object. */
export const expiredProblem = (): Problem =>
  new Problem('upload_expired', 'The upload was not finished within 7 days; create a new one.');

/** How an upload ended, for routes that need it open or finished; `null` if it has not, or is UPLOADED. */
export const endedProblem = (record: StoredRecord | null): Problem | null => {
  switch (record?.state) {
    case 'ABORTED':
      return new Problem('upload_aborted', 'The upload was aborted; create a new one.');
    case 'DELETED':
      return new Problem('upload_deleted', 'The upload was deleted; restore it, or create a new one.');
    case 'PURGED':
      return new Problem('upload_deleted', 'The upload was deleted for good; create a new one.');
    case 'REJECTED':
      return new Problem(
        'upload_rejected',
        `${record.rejected.detail} Create a new upload and send exactly what it grants.`,
        {
          reason: record.rejected.code,
        },
      );
    default:
      return null;
  }
};
