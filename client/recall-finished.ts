import type { UploadRecord } from '../core/contract/records.ts';
import type { Run } from './job.ts';
import { isGone } from './parts/resume-parts.ts';
import { verifyRecord } from './verify-record.ts';

/** The record of an upload that an earlier run finished, as the gateway has it now. `undefined`: there is none, or it is no longer there. */
export const recallFinished = async ({
  deps,
  memory,
  meter,
  source,
  signal,
}: Run): Promise<UploadRecord | undefined> => {
  const finished = await memory.loadFinished();
  if (finished === undefined) return undefined;
  try {
    // Finalize answers a finished upload with its record, and needs no more permission than uploading does.
    const record = verifyRecord(await deps.finalize(finished.id, {}, signal), { size: source.size, checksums: {} });
    meter.resume(source.size);
    return record;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
};
