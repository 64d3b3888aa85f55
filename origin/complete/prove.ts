import { endedProblem, expiredProblem } from '../record/ended.ts';
import type { FactOf, Seen } from '../record/facts.ts';
import type { RecordIn, StoredRecord } from '../record/record.ts';
import { removeVersions, tell } from '../record/settle.ts';
import { isPastLife } from '../record/times.ts';
import { type Transition, transition } from '../record/transition.ts';
import { type FinishDeps, type FinishJob, isoAt } from './job.ts';
import { compareChecksums } from './whole-claims.ts';

/** One look's outcome: the upload is finished, or another writer came first and it must be looked at anew. */
export type Proven = RecordIn<'UPLOADED'> | 'again';

type ProveDeps = Pick<FinishDeps, 'store' | 'objects' | 'telemetry' | 'now'>;
type ProveJob = Pick<FinishJob, 'subject' | 'budget' | 'requestId' | 'finalizer' | 'claims'>;

/** The record as the last write left it. Throws how the upload ended, if it did. */
export const readOpenOrDone = async (
  deps: ProveDeps,
  { subject, budget, claims }: ProveJob,
): Promise<StoredRecord | null> => {
  const record = await budget.run('dynamodb', (signal) => deps.store.get(subject.ownerKey, subject.id, { signal }));
  const ended = endedProblem(record);
  if (ended !== null) throw ended;
  if (record?.state === 'UPLOADED') compareChecksums(claims, record.pin.checksums);
  return record;
};

/** One HEAD: of the version an event has pinned already, else of the latest. */
export const headOf = async (
  deps: ProveDeps,
  { subject, budget }: Pick<ProveJob, 'subject' | 'budget'>,
  record: StoredRecord | null,
): Promise<{ readonly asked: string | null; readonly seen: Seen }> => {
  const asked = record?.state === 'RECEIVED' ? record.pin.versionId : null;
  return { asked, seen: await budget.run('s3', (signal) => deps.objects.head(subject, asked, { signal })) };
};

/** What a HEAD says to the record of an upload that somebody finalizes. */
export const finalFact = (
  deps: ProveDeps,
  { subject, finalizer }: Pick<ProveJob, 'subject' | 'finalizer'>,
  { asked, seen }: { readonly asked: string | null; readonly seen: Seen },
): FactOf<'head'> => ({
  type: 'head',
  of: subject,
  at: isoAt(deps.now()),
  asked,
  sequencer: null,
  seen,
  final: true,
  finalizer,
});

/** Versions that are not the upload's are removed; their own events say so again if this fails. */
const cleanUp = async (
  deps: ProveDeps,
  job: ProveJob,
  fact: FactOf<'head'>,
  { effects }: Transition,
): Promise<void> => {
  if (effects.length === 0) return;
  try {
    await job.budget.run('s3', (signal) => removeVersions(deps.objects, fact, effects, { signal }));
  } catch (error) {
    deps.telemetry.log.error('a superfluous version was not removed', error, { requestId: job.requestId });
  }
};

/** That a pinned version is gone ends the record; told before anything else is decided. */
export const tellGone = async (deps: ProveDeps, job: ProveJob, fact: FactOf<'head'>): Promise<'again'> => {
  await job.budget.run('dynamodb', (signal) => tell(deps.store, fact, { signal }));
  return 'again';
};

/**
 * Writes what a HEAD of an object proves: UPLOADED with that very version pinned, or REJECTED. Throws `content_mismatch` before
 * anything is written, and `upload_expired` for bytes that came after the upload's life.
 */
export const prove = async (
  deps: ProveDeps,
  job: ProveJob,
  record: StoredRecord | null,
  fact: FactOf<'head'>,
): Promise<Proven> => {
  const { seen } = fact;
  if (seen.found && seen.rejected === null) compareChecksums(job.claims, seen.pin.checksums);
  const result = transition(record, fact);
  const next = result.record;
  const changed = next !== null && next !== record;
  if (changed && !(await job.budget.run('dynamodb', (signal) => deps.store.put(next, { signal })))) return 'again';
  await cleanUp(deps, job, fact, result);
  if (next?.state === 'UPLOADED') return next;
  if (!changed && next !== null && isPastLife(next, fact.at)) throw expiredProblem();
  return 'again';
};
