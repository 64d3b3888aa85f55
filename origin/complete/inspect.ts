import type { Problem } from '../../core/contract/problems.ts';
import { partCount } from '../../core/objects/plan-parts.ts';
import type { HeldPart, OpenUpload } from '../objects/part-store.ts';
import { expiredProblem } from '../record/ended.ts';
import type { StoredRecord } from '../record/record.ts';
import { checkParts, isWhole, type PartFaults, partsProblem } from './check-parts.ts';
import { holdsSeal } from './claim-seal.ts';
import type { FinishDeps, FinishJob } from './job.ts';
import { listHeld } from './list-held.ts';
import { isExpired, notOpen } from './not-open.ts';
import { claimsProblem, differingClaims, sealProblem } from './part-claims.ts';

/** What S3 has open for an unfinished upload, seen against its plan. */
export type Inspection =
  /** This upload's parts are exactly the plan, and nothing the client says of them differs. */
  | {
      readonly kind: 'whole';
      readonly uploadId: string;
      readonly parts: readonly HeldPart[];
      readonly open: readonly OpenUpload[];
    }
  /** It cannot be completed, and why; unless S3 has its object already, which only a HEAD can tell. */
  | { readonly kind: 'refused'; readonly problem: Problem; readonly open: readonly OpenUpload[] };

type Candidate = {
  readonly uploadId: string;
  readonly parts: readonly HeldPart[];
  readonly faults: PartFaults;
  readonly problem: Problem | null;
};

/** How many parts of the plan an upload has. */
const score = ({ parts, faults }: Candidate): number => parts.length - faults.wrong.length;

/** Why parts that are the plan are not what the client said; `null`: they are. */
const claimed = ({ claims, seal }: FinishJob, parts: readonly HeldPart[]): Problem | null => {
  const faults = differingClaims(claims, parts);
  if (faults.length > 0) return claimsProblem(faults);
  return seal === null || holdsSeal(seal, parts) ? null : sealProblem();
};

const lookAt = async (deps: FinishDeps, job: FinishJob, uploadId: string): Promise<Candidate | null> => {
  const { upload } = job.subject;
  const parts = await job.budget.run('parts', (signal) =>
    listHeld(deps.parts, job.subject, uploadId, partCount(upload), { signal }),
  );
  if (parts === null) return null;
  const faults = checkParts(upload, parts);
  return { uploadId, parts, faults, problem: isWhole(faults) ? claimed(job, parts) : partsProblem(faults) };
};

/** The uploads to look at: the one the client names first; without any in S3's list, the one the record names. */
const candidatesOf = (job: FinishJob, record: StoredRecord | null, open: readonly OpenUpload[]): readonly string[] => {
  const named = job.claims.uploadId === undefined ? [] : [job.claims.uploadId];
  const recorded = open.length === 0 && record !== null && 'uploadId' in record ? [record.uploadId ?? ''] : [];
  const all = [...named, ...open.map(({ uploadId }) => uploadId), ...recorded.filter((id) => id !== '')];
  return [...new Set(all)];
};

/** Why nothing can be completed: of several open uploads the one the client names, else the one with most of the plan, says it. */
const refusalOf = (
  job: FinishJob,
  record: StoredRecord | null,
  looked: readonly Candidate[],
  nowMs: number,
): Problem => {
  const { uploadId } = job.claims;
  const named = uploadId === undefined ? undefined : looked.find((candidate) => candidate.uploadId === uploadId);
  const best = named ?? [...looked].sort((a, b) => score(b) - score(a))[0];
  // Another one is open than the client names: it has to ask for that one before it can send what is missing.
  const isNamed = best !== undefined && (uploadId === undefined || named !== undefined);
  return (isNamed ? best.problem : null) ?? notOpen(record, nowMs);
};

/**
 * Looks for an open upload whose parts are exactly the plan. The one a client names comes first, then the oldest; two exist when two
 * creates met. Nothing is written.
 */
export const inspect = async (deps: FinishDeps, job: FinishJob, record: StoredRecord | null): Promise<Inspection> => {
  const open = await job.budget.run('s3', (signal) => deps.parts.listUploads(job.subject, { signal }));
  if (isExpired(record, open, deps.now())) return { kind: 'refused', problem: expiredProblem(), open };
  const looked: Candidate[] = [];
  for (const uploadId of candidatesOf(job, record, open)) {
    const candidate = await lookAt(deps, job, uploadId);
    if (candidate === null) continue;
    if (candidate.problem === null) return { kind: 'whole', uploadId, parts: candidate.parts, open };
    looked.push(candidate);
  }
  return { kind: 'refused', problem: refusalOf(job, record, looked, deps.now()), open };
};
