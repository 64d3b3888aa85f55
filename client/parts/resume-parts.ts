import type { PartList, UploadRecord } from '../../core/contract/records.ts';
import { ContentError, NearputError } from '../errors.ts';
import type { Job } from '../job.ts';
import type { SavedPart, SavedState } from '../state/saved-upload.ts';
import { type Delivery, deliverParts, settle } from './deliver-parts.ts';
import { type Part, planParts } from './plan-parts.ts';
import { readPart } from './read-content.ts';

/** Problems of an upload that cannot go on: it ended, or is not this caller's. */
export const ENDED: ReadonlySet<string> = new Set([
  'upload_not_found',
  'upload_expired',
  'upload_aborted',
  'upload_deleted',
  'upload_rejected',
  'region_not_allowed',
]);
/** S3 has it no longer open, perhaps because it is complete. */
const CLOSED = new Set(['already_complete', 'upload_ended', 'bytes_missing']);

const isOneOf = (error: unknown, codes: ReadonlySet<string>): boolean =>
  error instanceof NearputError && codes.has(error.code);

/** Parts that S3 has with the bytes that are here. One that was stored without being remembered is read again, not sent again. */
const storedParts = async (
  job: Job,
  saved: SavedState,
  plan: readonly Part[],
  list: PartList,
): Promise<Map<number, SavedPart>> => {
  const remembered = new Map(saved.parts.map((part) => [part.number, part]));
  const wrong = new Set(list.wrong);
  const done = new Map<number, SavedPart>();
  for (const stored of list.parts) {
    const part = plan[stored.number - 1];
    if (part === undefined || stored.size !== part.size || wrong.has(part.number)) continue;
    const own = remembered.get(part.number) ?? (await readPart(job, saved.upload, part));
    if (own.sha256 !== null && stored.sha256 !== null && own.sha256 !== stored.sha256) continue;
    done.set(part.number, own);
  }
  return done;
};

/** Whether the gateway says that there is nothing to go on with, and no object either. */
export const isGone = (error: unknown): boolean => isOneOf(error, ENDED) || isOneOf(error, CLOSED);

const settled = async (job: Job, delivery: Delivery): Promise<UploadRecord | undefined> => {
  try {
    return await settle(job, delivery);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};

const planOf = (job: Job, saved: SavedState): readonly Part[] | undefined => {
  try {
    return planParts(job.source.size, saved.upload);
  } catch (error) {
    if (error instanceof ContentError) return undefined;
    throw error;
  }
};

/** Goes on with an upload that was begun before. `undefined`: it is gone, and must be begun anew. */
export const resumeParts = async (
  job: Job,
  saved: SavedState,
  onStored: (part: SavedPart) => Promise<void>,
): Promise<UploadRecord | undefined> => {
  const plan = planOf(job, saved);
  if (plan === undefined) return undefined;
  const { upload } = saved;
  const remembered = new Map(saved.parts.map((part) => [part.number, part]));
  const delivery = { upload, done: remembered, grants: [], mayLeave: false, onStored };
  let list: PartList;
  try {
    list = await job.deps.listParts(upload.id, upload.uploadId, job.signal);
  } catch (error) {
    if (isOneOf(error, ENDED)) return undefined;
    if (isOneOf(error, CLOSED)) return settled(job, delivery);
    throw error;
  }
  const done = await storedParts(job, saved, plan, list);
  job.meter.resume(plan.reduce((sum, part) => sum + (done.has(part.number) ? part.size : 0), 0));
  return deliverParts(job, { ...delivery, done });
};
