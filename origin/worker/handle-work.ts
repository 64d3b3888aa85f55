import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import { Problem } from '../../core/contract/problems.ts';
import { finishMultipart } from '../complete/finish-multipart.ts';
import type { FinishDeps, FinishJob } from '../complete/job.ts';
import { abortAll } from '../complete/leftovers.ts';
import { type Budget, createBudget, isUnavailable } from '../http/budget.ts';
import type { BatchAnswer, QueueEvent } from '../recorder/handle-batch.ts';
import { readWork, type Work } from './work-message.ts';

/** One attempt: S3 may take minutes to put a large object together, and goes on when nobody waits. In milliseconds. */
const ATTEMPT_MS = 60_000;

/** Life of the lease of one attempt: until its end and the next one's beginning. A worker that dies is replaced after it. */
const LEASE_MS = 75_000;

/** First wait between two attempts and between two looks at an upload that another one completes, in milliseconds. */
const AGAIN_MS = 250;
const AGAIN_MAX_MS = 5_000;
const POLL_MS = 500;

export type WorkerDeps = FinishDeps & {
  /** Code of the own Region. */
  readonly region: string;
  /** Monotonic clock, milliseconds. */
  readonly monotonic: () => number;
  /** What all messages of one event may take, in milliseconds. */
  readonly totalMs: number;
};

const jobOf = (work: Work, budget: Budget): FinishJob => ({
  subject: work.subject,
  budget,
  requestId: work.requestId,
  finalizer: work.finalizer,
  claims: {
    ...(work.uploadId === null ? {} : { uploadId: work.uploadId }),
    ...(work.crc64nvme === null ? {} : { checksum: { crc64nvme: work.crc64nvme } }),
  },
  seal: work.parts,
  token: work.token,
  leaseMs: LEASE_MS,
  keepMs: 0,
  pollMs: POLL_MS,
});

/** How an attempt ended: the upload's new state, the code of what keeps it open or ended it, or `undefined`: try again. */
const attempt = async (deps: WorkerDeps, work: Work, budget: Budget): Promise<string | undefined> => {
  try {
    const finished = await finishMultipart(deps, jobOf(work, budget.part({ atMostMs: ATTEMPT_MS })));
    return finished.kind === 'uploaded' ? finished.record.state : undefined;
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

/** Tries until it is known how the upload stands. Throws when the time is over, so that the message comes again. */
const finishWork = async (deps: WorkerDeps, work: Work, budget: Budget): Promise<string> => {
  for (let again = AGAIN_MS; budget.remaining() > again; again = Math.min(again * 2, AGAIN_MAX_MS)) {
    const result = await attempt(deps, work, budget);
    if (result !== undefined) return result;
    await deps.pause(again);
  }
  throw new Error('the upload could not be finished in time');
};

const isOver = (result: string): boolean => result === 'UPLOADED' || result.startsWith('upload_');

const handleMessage = async (deps: WorkerDeps, body: string, budget: Budget): Promise<void> => {
  const { log, measure } = deps.telemetry;
  const startedAt = deps.monotonic();
  const work = readWork(body, deps.region);
  if (work === undefined) throw new Error('the message is no work of this Region');
  const result = await finishWork(deps, work, budget);
  if (isOver(result)) await budget.run('s3', (signal) => abortAll(deps.parts, work.subject, { signal }));
  measure.count(ORIGIN_METRICS.finalize, { result });
  const ms = Math.round(deps.monotonic() - startedAt);
  log.info('work', { requestId: work.requestId, id: work.subject.id, result, ms });
};

/** Finishes what the API handed on. Every message stands for itself: one that could not be finished comes again alone. */
export const createWorkHandler =
  (deps: WorkerDeps) =>
  async (event: QueueEvent): Promise<BatchAnswer> => {
    const budget = createBudget({ now: deps.monotonic, totalMs: deps.totalMs });
    const failed: string[] = [];
    for (const { messageId, body } of event.Records) {
      try {
        await handleMessage(deps, body, budget);
      } catch (error) {
        failed.push(messageId);
        deps.telemetry.log.error('work', error, { messageId });
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
