import type { FactOf, Seen } from '../record/facts.ts';
import type { StoredRecord } from '../record/record.ts';
import { removeVersions, tell } from '../record/settle.ts';
import { transition } from '../record/transition.ts';
import { isoTime, type RouteDeps, type UploadCall } from './call.ts';

/** What a HEAD of the latest version says to a record, without making anything UPLOADED. */
const observation = (deps: RouteDeps, call: UploadCall, seen: Seen): FactOf<'head'> => ({
  type: 'head',
  of: call.subject,
  at: isoTime(deps.now()),
  asked: null,
  sequencer: null,
  seen,
  final: false,
  finalizer: null,
});

/** The record as it stands. */
export const readRecord = (deps: RouteDeps, call: UploadCall): Promise<StoredRecord | null> =>
  call.budget.run('dynamodb', (signal) => deps.store.get(call.subject.ownerKey, call.subject.id, { signal }));

const headLatest = (deps: RouteDeps, call: UploadCall): Promise<Seen> =>
  call.budget.run('s3', (signal) => deps.objects.head(call.subject, null, { signal }));

/** The record that one HEAD would make of an unfinished upload, if S3 has its object; nothing is written. */
export const peek = async (
  deps: RouteDeps,
  call: UploadCall,
  record: StoredRecord | null,
): Promise<StoredRecord | null> => {
  const seen = await headLatest(deps, call);
  return seen.found ? transition(record, observation(deps, call, seen)).record : record;
};

/** Whether S3 has an unfinished upload's object; if so the record is told, and what is not the upload's is removed. */
export const settleOpen = async (
  deps: RouteDeps,
  call: UploadCall,
): Promise<{ readonly found: boolean; readonly record: StoredRecord | null }> => {
  const seen = await headLatest(deps, call);
  if (!seen.found) return { found: false, record: null };
  const fact = observation(deps, call, seen);
  const { record, effects } = await call.budget.run('dynamodb', (signal) => tell(deps.store, fact, { signal }));
  await call.budget.run('s3', (signal) => removeVersions(deps.objects, fact, effects, { signal }));
  return { found: true, record };
};
