import { Problem } from '../../core/contract/problems.ts';
import { endedProblem, expiredProblem } from '../record/ended.ts';
import { isPastLife } from '../record/times.ts';
import { isoTime, type RouteDeps, type UploadCallHandler } from './call.ts';
import { createDownload, readDownloadWish } from './download.ts';
import { peek, readRecord } from './look.ts';

/** `GET /v1/uploads/{id}/content`: 307 to a fresh link of an UPLOADED upload. Throws how it ended, or `bytes_missing` while it is open. */
export const createContent =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const wish = readDownloadWish(call.query);
    const at = isoTime(deps.now());
    const stored = await readRecord(deps, call);
    const record = stored !== null && isPastLife(stored, at) ? await peek(deps, call, stored) : stored;
    const ended = endedProblem(record);
    if (ended !== null) throw ended;
    if (record?.state === 'UPLOADED') {
      const { url } = await createDownload(deps, call, record, wish);
      return new Response(null, { status: 307, headers: { location: url } });
    }
    if (record !== null && isPastLife(record, at)) throw expiredProblem();
    throw new Problem('bytes_missing', 'Finalize the upload first; then its content can be read.');
  };
