import { PARTS_PER_CALL_MAX } from '../../core/contract/limits.ts';
import type { PartGrant } from '../../core/contract/records.ts';
import { exactly } from '../checksum.ts';
import type { Job } from '../job.ts';
import type { SavedPart, SavedUpload } from '../state/saved-upload.ts';
import { createPartGrants } from './part-grants.ts';
import type { Part } from './plan-parts.ts';
import { type PartJob, sendPart } from './send-part.ts';

export type PartsToSend = {
  readonly upload: SavedUpload;
  readonly plan: readonly Part[];
  /** Parts that S3 has; the stored ones are added. */
  readonly done: Map<number, SavedPart>;
  /** Grants that came with the upload. */
  readonly grants: readonly PartGrant[];
  readonly mayLeave: boolean;
  /** Called after each stored part, before it counts. */
  readonly onStored: (part: SavedPart) => Promise<void>;
};

const readPart = ({ source }: Job, { start, size }: Part): AsyncIterable<Uint8Array> =>
  exactly(source.open(start, start + size), size);

/** SHA-256 of parts, computed once each. */
const createDigests = (job: Job) => {
  const digests = new Map<number, Promise<string>>();
  return (part: Part): Promise<string> => {
    const known = digests.get(part.number);
    if (known !== undefined) return known;
    const digest = job.deps.hashes.sha256(readPart(job, part), part.size);
    digests.set(part.number, digest);
    return digest;
  };
};

/** Signs pages of parts. With SHA-256 the parts of a page are read first, so such pages are small. */
const partJobOf = (job: Job, input: PartsToSend): PartJob => {
  const { upload, plan, done } = input;
  const digestOf = createDigests(job);
  const hashed = upload.partChecksum === 'sha256';
  const sign = async (numbers: readonly number[]) => {
    const sha256: string[] = [];
    if (hashed) for (const number of numbers) sha256.push(await digestOf(plan[number - 1] as Part));
    const body = { uploadId: upload.uploadId, numbers, ...(hashed ? { sha256 } : {}) };
    return (await job.deps.signParts(upload.id, body, job.signal)).parts;
  };
  const missing = function* () {
    for (const { number } of plan) if (!done.has(number)) yield number;
  };
  return {
    ...job,
    grants: createPartGrants({
      first: input.grants,
      missing,
      sign,
      pageSize: hashed ? Math.min(job.limit.max, PARTS_PER_CALL_MAX) : PARTS_PER_CALL_MAX,
      ahead: job.limit.max,
    }),
    sha256: (part) => (hashed ? digestOf(part) : undefined),
    anyStored: () => done.size > 0,
    mayLeave: input.mayLeave,
  };
};

/** Sends every part that S3 has not, as many at once as the limit lets. When one fails for good the others are cut. */
export const sendParts = async (job: Job, input: PartsToSend): Promise<void> => {
  const stop = new AbortController();
  const partJob = partJobOf({ ...job, signal: AbortSignal.any([job.signal, stop.signal]) }, input);
  const left = input.plan.filter(({ number }) => !input.done.has(number));
  const queue = left.values();
  const work = async () => {
    for (const part of queue) {
      const stored = await sendPart(partJob, part);
      await input.onStored(stored);
      input.done.set(part.number, stored);
      partJob.grants.forget(part.number);
      job.meter.stored(part.number, part.size);
    }
  };
  const workers = Array.from({ length: Math.min(job.limit.max, left.length) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(workers);
    throw error;
  }
};
