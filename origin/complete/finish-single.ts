import { Problem } from '../../core/contract/problems.ts';
import { expiredProblem } from '../record/ended.ts';
import type { RecordIn } from '../record/record.ts';
import { contended } from '../record/settle.ts';
import { isPastLife } from '../record/times.ts';
import type { FinishDeps, FinishJob } from './job.ts';
import { finalFact, headOf, type Proven, prove, readOpenOrDone, tellGone } from './prove.ts';
import { checkSingleObjectClaims } from './whole-claims.ts';

/** Looks at the upload anew when another request or event came first. */
const TURNS = 6;

type SingleDeps = Pick<FinishDeps, 'store' | 'objects' | 'telemetry' | 'now'>;
type SingleJob = Pick<FinishJob, 'subject' | 'budget' | 'requestId' | 'finalizer' | 'claims'>;

const bytesMissing = (): Problem =>
  new Problem('bytes_missing', 'Send the bytes as create answered, then finalize again; the upload is still open.');

/** One look at record and object, and the step that follows from both. */
const takeTurn = async (deps: SingleDeps, job: SingleJob): Promise<Proven> => {
  const record = await readOpenOrDone(deps, job);
  if (record?.state === 'UPLOADED') return record;
  const look = await headOf(deps, job, record);
  const fact = finalFact(deps, job, look);
  if (look.seen.found) return prove(deps, job, record, fact);
  if (look.asked !== null) return tellGone(deps, job, fact);
  throw record !== null && isPastLife(record, fact.at) ? expiredProblem() : bytesMissing();
};

/**
 * Finishes an upload that travelled in one request (PUT or form): one HEAD proves that S3 holds what was granted, that version is
 * pinned and recorded. Throws how it ended, `bytes_missing` while nothing came, or what differs from a claim.
 */
export const finishSingle = async (deps: SingleDeps, job: SingleJob): Promise<RecordIn<'UPLOADED'>> => {
  checkSingleObjectClaims(job.claims);
  for (let turn = 0; turn < TURNS; turn += 1) {
    const result = await takeTurn(deps, job);
    if (result !== 'again') return result;
  }
  throw contended();
};
