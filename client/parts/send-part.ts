import { exactly, withCrc64 } from '../checksum.ts';
import { ContentError, RegionSilentError } from '../errors.ts';
import { inTurn } from '../in-turn.ts';
import type { Job } from '../job.ts';
import { putBytes } from '../put.ts';
import { backoffMs, isSilence, remedyForPart, SILENT_ATTEMPTS_MAX } from '../retry.ts';
import { sleep } from '../sleep.ts';
import type { SavedPart } from '../state/saved-upload.ts';
import type { PartGrants } from './part-grants.ts';
import type { Part } from './plan-parts.ts';

/** Shortest wait beyond the repetitions: a line that is gone answers at once. */
const NO_LINE_MS = 250;

export type PartJob = Job & {
  readonly grants: PartGrants;
  /** SHA-256 of the part as declared to the gateway; `undefined` when parts carry none. */
  readonly sha256: (part: Part) => Promise<string> | undefined;
  /** Whether S3 has any part yet. */
  readonly anyStored: () => boolean;
  /** Whether another Region may be tried. */
  readonly mayLeave: boolean;
};

const sendOnce = async (job: PartJob, part: Part, attempt: number, signal: AbortSignal): Promise<SavedPart> => {
  const grant = await job.grants.take(part.number);
  if (grant.size !== part.size) throw new ContentError(`part ${part.number} was signed for ${grant.size} bytes`);
  const sha256 = (await job.sha256(part)) ?? null;
  const read = exactly(job.source.open(part.start, part.start + part.size), part.size);
  const { bytes, digest } = sha256 === null ? withCrc64(read) : { bytes: read, digest: async () => null };
  try {
    await putBytes(job.deps.transport, {
      grant: { method: 'PUT', ...grant },
      source: part,
      bytes,
      idleTimeoutMs: job.deps.idleTimeoutMs,
      onProgress: (sent) => job.meter.piece(part.number, sent, attempt),
      signal,
    });
  } catch (error) {
    job.meter.piece(part.number, 0, attempt);
    if (remedyForPart(error) === 'renew') job.grants.expire(grant);
    throw error;
  }
  return { number: part.number, crc64nvme: await digest(), sha256 };
};

/**
 * Sends one part until S3 has it, again by cause. A line that is gone is waited for as long as the job is patient, once
 * something was stored. Throws the last error, or `RegionSilentError` while nothing was stored and another Region may answer.
 */
export const sendPart = async (job: PartJob, part: Part): Promise<SavedPart> => {
  const { retries, random, now, patienceMs } = job.deps;
  let failingSince: number | undefined;
  for (let attempt = 1; ; attempt++) {
    try {
      return await inTurn(job, (signal) => sendOnce(job, part, attempt, signal));
    } catch (error) {
      job.signal.throwIfAborted();
      const remedy = remedyForPart(error);
      if (remedy === 'stop' || remedy === 'finalize') throw error;
      const silent = isSilence(error);
      if (silent && job.mayLeave && !job.anyStored() && attempt >= SILENT_ATTEMPTS_MAX) {
        throw new RegionSilentError(error, false);
      }
      failingSince ??= now();
      const patient = silent && job.anyStored() && now() - failingSince < patienceMs;
      if (attempt > retries && !patient) throw error;
      if (remedy === 'again') await sleep(backoffMs(attempt, random, attempt > retries ? NO_LINE_MS : 0), job.signal);
    }
  }
};
