import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import { sealClaims } from '../complete/claim-seal.ts';
import { finishMultipart } from '../complete/finish-multipart.ts';
import { finishSingle } from '../complete/finish-single.ts';
import type { Finished, FinishJob } from '../complete/job.ts';
import { readFinalizeBody } from '../http/body.ts';
import { presentRecord } from '../record/present.ts';
import { isoTime, type RouteDeps, type UploadCall, type UploadCallHandler } from './call.ts';

/** Life of a lease: longer than a request, and until the worker has begun; a request that died holds nobody up for longer. In milliseconds. */
const LEASE_MS = 10_000;

/** Kept of the request's time for handing the work to the queue, in milliseconds. */
const KEEP_MS = 350;

/** First wait between two looks at an upload that another request completes, in milliseconds. */
const POLL_MS = 50;

const jobOf = (deps: RouteDeps, call: UploadCall, claims: FinalizeBody): FinishJob => ({
  subject: call.subject,
  budget: call.budget,
  requestId: call.requestId,
  finalizer: { tenant: call.principal.tenant, subject: call.principal.subject },
  claims,
  seal: null,
  token: deps.newToken(),
  leaseMs: LEASE_MS,
  keepMs: KEEP_MS,
  pollMs: POLL_MS,
});

const finish = async (deps: RouteDeps, job: FinishJob): Promise<Finished> =>
  job.subject.upload.kind === 'multipart'
    ? finishMultipart(deps, job)
    : { kind: 'uploaded', record: await finishSingle(deps, job) };

/** The work goes on without the request; it counts as handed on only when the queue has it. */
const handOn = (
  { work }: RouteDeps,
  { subject, budget, token, finalizer, claims, requestId }: FinishJob,
): Promise<void> =>
  budget.run('sqs', (signal) =>
    work.send(
      {
        subject,
        token,
        finalizer,
        uploadId: claims.uploadId ?? null,
        crc64nvme: claims.checksum?.crc64nvme ?? null,
        parts: sealClaims(claims),
        requestId,
      },
      { signal },
    ),
  );

const accepted = (record: ReturnType<typeof presentRecord>): Response =>
  Response.json(record, { status: 202, headers: { 'retry-after': String(RETRY_AFTER_SECONDS) } });

/**
 * `POST /v1/uploads/{id}/finalize`: completes a multipart upload, proves by one HEAD that S3 holds what was granted, pins that version,
 * records it. It needs nothing from the client and no earlier event, and answers the same however often it is asked. What takes longer
 * than a request may is 202, and a worker goes on.
 */
export const createFinalize =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const claims = await readFinalizeBody(call.request);
    const result = (name: string): void => deps.telemetry.measure.count(ORIGIN_METRICS.finalize, { result: name });
    try {
      const job = jobOf(deps, call, claims);
      const finished = await finish(deps, job);
      if (finished.kind === 'late' && finished.mine) await handOn(deps, job);
      result(finished.record.state);
      const record = presentRecord(finished.record, isoTime(deps.now()));
      return finished.kind === 'late' ? accepted(record) : Response.json(record);
    } catch (error) {
      result(error instanceof Problem ? error.code : 'internal');
      throw error;
    }
  };
