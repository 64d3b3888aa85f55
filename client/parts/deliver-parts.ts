import type { PartGrant, PartList, StoredPart, UploadRecord } from '../../core/contract/records.ts';
import { NearputError } from '../errors.ts';
import type { Job } from '../job.ts';
import { remedyForPart } from '../retry.ts';
import type { SavedPart, SavedUpload } from '../state/saved-upload.ts';
import { verifyRecord } from '../verify-record.ts';
import { type Part, planParts } from './plan-parts.ts';
import { readContent } from './read-content.ts';
import { sendParts } from './send-parts.ts';

export type Delivery = {
  readonly upload: SavedUpload;
  readonly done: Map<number, SavedPart>;
  readonly grants: readonly PartGrant[];
  readonly mayLeave: boolean;
  readonly onStored: (part: SavedPart) => Promise<void>;
};

/** Finalizes, then compares the record with what was read here. */
const finish = async (job: Job, { upload, done }: Delivery, plan: readonly Part[]): Promise<UploadRecord> => {
  const content = await readContent(job, upload, plan, done);
  return verifyRecord(await job.deps.finalize(upload.id, content.claims, job.signal), content);
};

/** An upload that S3 has no longer open may be complete. Gives its record, if its bytes are those of the source. */
export const settle = async (job: Job, delivery: Delivery): Promise<UploadRecord> => {
  const { upload, done } = delivery;
  const record = await job.deps.finalize(upload.id, { uploadId: upload.uploadId }, job.signal);
  return verifyRecord(record, await readContent(job, upload, planParts(job.source.size, upload), done));
};

const quoted = (etag: string): string => etag.replaceAll('"', '').toLowerCase();

/** Whether S3's part holds other bytes than this one, as far as its hashes tell. */
const differs = async (job: Job, part: Part, stored: StoredPart, own: SavedPart | undefined): Promise<boolean> => {
  if (own?.sha256 && stored.sha256 !== null) return stored.sha256 !== own.sha256;
  const etag = quoted(stored.etag);
  if (job.deps.hashes.md5 === undefined || !/^[0-9a-f]{32}$/.test(etag)) return false;
  return etag !== (await job.deps.hashes.md5(job.source.open(part.start, part.start + part.size), part.size));
};

/** What S3 has; `undefined` when it is open no more, so that nothing can be mended. */
const listOpen = async ({ deps, signal }: Job, { id, uploadId }: SavedUpload): Promise<PartList | undefined> => {
  try {
    return await deps.listParts(id, uploadId, signal);
  } catch (error) {
    if (error instanceof NearputError && error.status < 500) return undefined;
    throw error;
  }
};

/** Numbers that must be sent again after finalize refused: missing, not as planned, or, when the content differs, of other bytes. */
const refusedParts = async (
  job: Job,
  { upload, done }: Delivery,
  plan: readonly Part[],
  refusal: NearputError,
): Promise<number[]> => {
  const list = await listOpen(job, upload);
  if (list === undefined) return [];
  const numbers = [...list.missing, ...list.wrong];
  if (refusal.code === 'parts_missing') return numbers;
  for (const stored of list.parts) {
    const part = plan[stored.number - 1];
    if (part !== undefined && (await differs(job, part, stored, done.get(part.number)))) numbers.push(part.number);
  }
  return numbers;
};

const MENDABLE = new Set(['parts_missing', 'part_mismatch', 'content_mismatch']);

/** Sends what is missing, finalizes, and sends again what finalize found missing or hurt. Throws the refusal when nothing can be mended. */
export const deliverParts = async (job: Job, delivery: Delivery): Promise<UploadRecord> => {
  const plan = planParts(job.source.size, delivery.upload);
  for (let round = 1; ; round++) {
    try {
      await sendParts(job, { ...delivery, plan });
    } catch (error) {
      if (remedyForPart(error) === 'finalize') return settle(job, delivery);
      throw error;
    }
    try {
      return await finish(job, delivery, plan);
    } catch (error) {
      if (!(error instanceof NearputError) || !MENDABLE.has(error.code) || round > job.deps.retries) throw error;
      const numbers = await refusedParts(job, delivery, plan, error);
      if (numbers.length === 0) throw error;
      for (const number of numbers) delivery.done.delete(number);
      job.meter.resume(plan.reduce((sum, part) => sum + (delivery.done.has(part.number) ? part.size : 0), 0));
    }
  }
};
