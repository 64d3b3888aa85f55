import { Problem } from '../../core/contract/problems.ts';
import { presentRecord, presentUnknown } from '../record/present.ts';
import { tell } from '../record/settle.ts';
import { isoTime, type RouteDeps, type UploadCallHandler } from './call.ts';
import { peek } from './look.ts';

/** `POST /v1/uploads/{id}/restore`: undoes a soft delete within its window; answers the record, also if it was not deleted. */
export const createRestore =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const at = isoTime(deps.now());
    const told = await call.budget.run('dynamodb', (signal) =>
      tell(deps.store, { type: 'restore', of: call.subject, at }, { signal }),
    );
    const record = told.record ?? (await peek(deps, call, null));
    if (record === null) return Response.json(presentUnknown(call.subject.id, call.principal));
    if (record.state === 'DELETED' || record.state === 'PURGED') {
      throw new Problem('upload_deleted', 'The upload was deleted too long ago to be restored; create a new one.');
    }
    return Response.json(presentRecord(record, at));
  };
