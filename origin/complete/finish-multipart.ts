import { Problem } from '../../core/contract/problems.ts';
import { isSpent, isUnavailable } from '../http/budget.ts';
import type { Completion, OpenUpload } from '../objects/part-store.ts';
import type { FactOf } from '../record/facts.ts';
import type { RecordIn, StoredRecord } from '../record/record.ts';
import { contended, tell } from '../record/settle.ts';
import { type Inspection, inspect } from './inspect.ts';
import { type FinishDeps, type Finished, type FinishJob, isoAt, unsettled } from './job.ts';
import { giveBackLease, isHeldByOther, takeLease } from './lease.ts';
import { abortAll, abortUploads } from './leftovers.ts';
import { checkMultipartClaims } from './part-claims.ts';
import { finalFact, headOf, prove, readOpenOrDone, tellGone } from './prove.ts';

/** Looks at the upload anew when another request or event came first. */
const TURNS = 8;

/** Completes sent by one attempt at most, and the first wait between two of them in milliseconds. */
const COMPLETES_MAX = 3;
const COMPLETE_AGAIN_MS = 50;

/** Waits for another's lease grow up to this many times the first one. */
const POLL_GROWTH = 4;

type Turn = Finished | 'again';

/** What one attempt remembers from turn to turn. */
type Memory = { completes: number; polls: number };

const uploaded = (record: RecordIn<'UPLOADED'>): Finished => ({ kind: 'uploaded', record });

/** A job that ends early enough to hand the work on. */
const workOf = (job: FinishJob): FinishJob => ({ ...job, budget: job.budget.part({ keepMs: job.keepMs }) });

/** The object is there, so no open upload of its key is of any use; done before the record says UPLOADED, so that a repeat does it too. */
const endOthers = async (deps: FinishDeps, job: FinishJob, open: readonly OpenUpload[] | null): Promise<void> => {
  try {
    await job.budget.run('s3', (signal) =>
      open === null
        ? abortAll(deps.parts, job.subject, { signal })
        : abortUploads(deps.parts, job.subject, open, { signal }),
    );
  } catch (error) {
    deps.telemetry.log.error('an open upload of a finished key was not ended', error, { requestId: job.requestId });
  }
};

const settleFound = async (
  deps: FinishDeps,
  job: FinishJob,
  record: StoredRecord | null,
  fact: FactOf<'head'>,
  open: readonly OpenUpload[] | null,
): Promise<Turn> => {
  await endOthers(deps, job, open);
  const proven = await prove(deps, job, record, fact);
  return proven === 'again' ? proven : uploaded(proven);
};

/** Somebody else completes it: that is done as soon as the object is there, whoever is told first. */
const waitForOther = async (
  deps: FinishDeps,
  job: FinishJob,
  record: RecordIn<'COMPLETING'>,
  memory: Memory,
): Promise<Turn> => {
  const work = workOf(job);
  const waitMs = Math.min(job.pollMs * (memory.polls + 1), job.pollMs * POLL_GROWTH);
  memory.polls += 1;
  const late: Finished = { kind: 'late', record, mine: false };
  if (work.budget.remaining() <= waitMs) return late;
  try {
    const look = await headOf(deps, work, record);
    if (look.seen.found) return await settleFound(deps, work, record, finalFact(deps, job, look), null);
  } catch (error) {
    if (isSpent(work.budget, error)) return late;
    throw error;
  }
  await deps.pause(waitMs);
  return 'again';
};

/** Time is over before the parts were known: whoever works on has to hold the lease. */
const handOver = async (deps: FinishDeps, job: FinishJob, record: StoredRecord | null): Promise<Turn> => {
  const leased = await takeLease(deps, job, record, null);
  return leased === null ? 'again' : { kind: 'late', record: leased, mine: true };
};

/** Opens the upload again, whoever held the lease: ours is given back, another's has run out. */
const reopen = async (
  deps: FinishDeps,
  job: FinishJob,
  record: StoredRecord | null,
  missing: FactOf<'head'>,
): Promise<void> => {
  if (record?.state !== 'COMPLETING') return;
  if (record.lease.token === job.token) return giveBackLease(deps, job);
  await job.budget.run('dynamodb', (signal) => tell(deps.store, missing, { signal }));
};

/** It cannot be completed; but perhaps it is complete. Only when S3 shows no object the refusal is true. */
const settleRefused = async (
  deps: FinishDeps,
  job: FinishJob,
  record: StoredRecord | null,
  { problem, open }: Extract<Inspection, { readonly kind: 'refused' }>,
): Promise<Turn> => {
  const look = await headOf(deps, job, record);
  const fact = finalFact(deps, job, look);
  if (look.seen.found) return settleFound(deps, job, record, fact, open);
  await reopen(deps, job, record, fact);
  throw problem;
};

const refusedByS3 = (completion: Completion): Problem | null => {
  switch (completion) {
    case 'part_too_small':
      return new Problem('part_mismatch', 'S3 found a part too small; send the parts as planned and finalize again.');
    case 'checksum_differs':
      return new Problem(
        'content_mismatch',
        'The crc64nvme you sent is not the one of the parts S3 holds; send again what differs and finalize again. The upload is still open.',
        { reason: 'crc64nvme_differs' },
      );
    default:
      return null;
  }
};

/** Sends one Complete. `late`: no answer in time; S3 may still be at it. Trouble of any other kind leaves open what is there. */
const sendComplete = async (
  deps: FinishDeps,
  { subject, budget, claims }: FinishJob,
  { uploadId, parts }: Extract<Inspection, { readonly kind: 'whole' }>,
): Promise<Completion | 'late'> => {
  const crc64nvme = claims.checksum?.crc64nvme ?? null;
  try {
    return await budget.run('complete', (signal) =>
      deps.parts.complete(subject, { uploadId, parts, crc64nvme }, { signal }),
    );
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return isSpent(budget, error) ? 'late' : 'unsure';
  }
};

/** Completes under a lease, then asks HEAD what is true, whatever S3 said. */
const complete = async (
  deps: FinishDeps,
  job: FinishJob,
  record: StoredRecord | null,
  whole: Extract<Inspection, { readonly kind: 'whole' }>,
  memory: Memory,
): Promise<Turn> => {
  const leased = await takeLease(deps, job, record, whole.uploadId);
  if (leased === null) return 'again';
  const work = workOf(job);
  memory.completes += 1;
  const late: Finished = { kind: 'late', record: leased, mine: true };
  const completion = await sendComplete(deps, work, whole);
  if (completion === 'late') return late;
  const refusal = refusedByS3(completion);
  // When S3 did not say that it was this upload, the object may be another's work, and this one's parts lie idle.
  const open = completion === 'done' ? whole.open.filter(({ uploadId }) => uploadId !== whole.uploadId) : whole.open;
  try {
    const look = await headOf(deps, work, leased);
    if (look.seen.found) return await settleFound(deps, work, leased, finalFact(deps, job, look), open);
  } catch (error) {
    if (isSpent(work.budget, error)) return late;
    throw error;
  }
  if (refusal === null && memory.completes < COMPLETES_MAX && work.budget.remaining() > 0) {
    await deps.pause(COMPLETE_AGAIN_MS * memory.completes);
    return 'again';
  }
  await giveBackLease(deps, job);
  throw refusal ?? unsettled(`complete_${completion}`);
};

/** One look at record and S3, and the step that follows from both. */
const takeTurn = async (deps: FinishDeps, job: FinishJob, memory: Memory): Promise<Turn> => {
  const record = await readOpenOrDone(deps, job);
  if (record?.state === 'UPLOADED') {
    const { uploadId } = job.claims;
    const isOther = uploadId !== undefined && uploadId !== record.uploadId;
    if (isOther) await endOthers(deps, job, [{ uploadId, startedMs: 0 }]);
    return uploaded(record);
  }
  if (isHeldByOther(record, job.token, isoAt(deps.now()))) return waitForOther(deps, job, record, memory);
  const work = workOf(job);
  try {
    if (record?.state === 'RECEIVED') {
      const look = await headOf(deps, work, record);
      const fact = finalFact(deps, job, look);
      return look.seen.found ? await settleFound(deps, work, record, fact, null) : await tellGone(deps, work, fact);
    }
    const inspection = await inspect(deps, work, record);
    if (inspection.kind === 'refused') return await settleRefused(deps, work, record, inspection);
    return await complete(deps, job, record, inspection, memory);
  } catch (error) {
    const unfinished = record?.state !== 'RECEIVED' && isSpent(work.budget, error) && job.keepMs > 0;
    if (!unfinished) throw error;
    return handOver(deps, job, record);
  }
};

/**
 * Finishes a multipart upload: finds it, compares its parts with the plan, completes it under a lease, and takes only HEAD's word
 * for what came of it. It can be called any number of times, at once and after any interruption. Throws what keeps the upload open
 * (`parts_missing`, `part_mismatch`, `content_mismatch`), how it ended, or `upstream_unavailable` while that is not known.
 */
export const finishMultipart = async (deps: FinishDeps, job: FinishJob): Promise<Finished> => {
  checkMultipartClaims(job.claims, job.subject.upload.checksumMode);
  const memory: Memory = { completes: 0, polls: 0 };
  for (let turn = 0; turn - memory.polls < TURNS; turn += 1) {
    const result = await takeTurn(deps, job, memory);
    if (result !== 'again') return result;
  }
  throw contended();
};
