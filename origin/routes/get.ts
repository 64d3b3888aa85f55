import type { UploadRecordWithDownload } from '../../core/contract/records.ts';
import { endedProblem } from '../record/ended.ts';
import { presentRecord, presentUnknown } from '../record/present.ts';
import { isPastLife } from '../record/times.ts';
import { isoTime, type RouteDeps, type UploadCallHandler } from './call.ts';
import { createDownload, readDownloadWish } from './download.ts';
import { peek, readRecord } from './look.ts';

/**
 * `GET /v1/uploads/{id}`: the record, with a link when UPLOADED. Without a record, or past an unfinished upload's life, one HEAD decides.
 * Throws `upload_deleted` for a tombstone.
 */
export const createGet =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const wish = readDownloadWish(call.query);
    const at = isoTime(deps.now());
    const stored = await readRecord(deps, call);
    const record = stored === null || isPastLife(stored, at) ? await peek(deps, call, stored) : stored;
    if (record === null) {
      const unknown = presentUnknown(call.subject.id, call.principal);
      return Response.json({ ...unknown, download: null } satisfies UploadRecordWithDownload);
    }
    if (record.state === 'PURGED') throw endedProblem(record);
    const download = record.state === 'UPLOADED' ? await createDownload(deps, call, record, wish) : null;
    return Response.json({ ...presentRecord(record, at), download } satisfies UploadRecordWithDownload);
  };
