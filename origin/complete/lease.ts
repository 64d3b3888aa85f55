import type { RecordIn, StoredRecord } from '../record/record.ts';
import { tell } from '../record/settle.ts';
import { transition } from '../record/transition.ts';
import { type FinishDeps, type FinishJob, isoAt } from './job.ts';

/** Whether somebody else works on completing an upload at this moment. */
export const isHeldByOther = (
  record: StoredRecord | null,
  token: string,
  at: string,
): record is RecordIn<'COMPLETING'> =>
  record?.state === 'COMPLETING' && record.lease.token !== token && record.lease.until > at;

/**
 * Takes the lease, or takes it anew, by writing over exactly the record that was read. `null`: another write came first, or the
 * record takes no lease; look again. A write of ours whose answer was lost is known by its token at the next look.
 */
export const takeLease = async (
  deps: FinishDeps,
  { subject, budget, token, leaseMs }: FinishJob,
  record: StoredRecord | null,
  uploadId: string | null,
): Promise<RecordIn<'COMPLETING'> | null> => {
  const nowMs = deps.now();
  const next = transition(record, {
    type: 'leaseTaken',
    of: subject,
    at: isoAt(nowMs),
    token,
    until: isoAt(nowMs + leaseMs),
    uploadId,
  }).record;
  if (next?.state !== 'COMPLETING' || next.lease.token !== token) return null;
  if (next === record) return next;
  const written = await budget.run('dynamodb', (signal) => deps.store.put(next, { signal }));
  return written ? { ...next, version: next.version + 1 } : null;
};

/** Gives the lease back, so that the upload is open again at once; if that fails it ends by itself. */
export const giveBackLease = async (deps: FinishDeps, job: FinishJob): Promise<void> => {
  const { subject, budget, token, requestId } = job;
  try {
    await budget.run('dynamodb', (signal) =>
      tell(deps.store, { type: 'completeFailed', of: subject, at: isoAt(deps.now()), token }, { signal }),
    );
  } catch (error) {
    deps.telemetry.log.error('a lease was not given back', error, { requestId });
  }
};
