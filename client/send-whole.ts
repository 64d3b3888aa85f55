import type { CreatedUpload, FormGrant, PutGrant } from '../core/contract/records.ts';
import { crc64Of, exactly, withCrc64 } from './checksum.ts';
import { ContentError, RegionSilentError } from './errors.ts';
import { inTurn } from './in-turn.ts';
import type { Job } from './job.ts';
import { postForm, putBytes } from './put.ts';
import { backoffMs, isSilence, remedyForWhole, SILENT_ATTEMPTS_MAX } from './retry.ts';
import { sleep } from './sleep.ts';

/** The number of the only piece. */
const WHOLE = 1;

type Grant = { readonly put: PutGrant } | { readonly form: FormGrant };

const grantOf = ({ kind, put, form }: CreatedUpload): Grant => {
  if (put !== undefined) return { put };
  if (form !== undefined) return { form };
  throw new ContentError(`the gateway answered a ${kind} grant where one for the whole file was asked for`);
};

const read = ({ source }: Job): AsyncIterable<Uint8Array> => exactly(source.open(), source.size);

/** Sends all bytes once; gives their CRC64NVME as read here. */
const sendOnce = async (
  job: Job,
  grant: Grant,
  onProgress: (sent: number) => void,
  signal: AbortSignal,
): Promise<string> => {
  const { bytes, digest } = withCrc64(read(job));
  const { transport, idleTimeoutMs } = job.deps;
  const sending = { source: job.source, bytes, idleTimeoutMs, onProgress, signal };
  if ('put' in grant) await putBytes(transport, { ...sending, grant: grant.put });
  else await postForm(transport, { ...sending, grant: grant.form });
  // An S3 that takes an empty file has no need to ask for its bytes.
  return job.source.size === 0 ? crc64Of(read(job)) : digest();
};

/** Sends the bytes in one request until S3 has them; returns their CRC64NVME as read here. */
export const sendWhole = async (job: Job, created: CreatedUpload, mayLeave: boolean): Promise<string> => {
  const { deps, source, meter } = job;
  let grant = grantOf(created);
  let maybeStored = false;
  const failures: unknown[] = [];
  for (let attempt = 1; ; attempt++) {
    let sent = 0;
    try {
      const onProgress = (bytes: number) => {
        sent = bytes;
        meter.piece(WHOLE, bytes, attempt);
      };
      const crc64nvme = await inTurn(job, (signal) => sendOnce(job, grant, onProgress, signal));
      meter.stored(WHOLE, source.size);
      return crc64nvme;
    } catch (error) {
      job.signal.throwIfAborted();
      meter.piece(WHOLE, 0, attempt);
      const remedy = remedyForWhole(error, failures);
      failures.push(error);
      if (remedy === 'finalize') return await crc64Of(read(job));
      maybeStored ||= sent >= source.size && isSilence(error);
      if (isSilence(error) && mayLeave && attempt >= SILENT_ATTEMPTS_MAX)
        throw new RegionSilentError(error, maybeStored);
      if (remedy === 'stop' || attempt > deps.retries) throw error;
      if (remedy === 'again') await sleep(backoffMs(attempt, deps.random), job.signal);
      else grant = grantOf(await deps.renew(created.id, job.body, job.signal));
    }
  }
};
