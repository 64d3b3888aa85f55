import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import { abortAll } from '../complete/leftovers.ts';
import type { FactType } from '../record/facts.ts';
import type { StoredRecord } from '../record/record.ts';
import { contended, tell } from '../record/settle.ts';
import { isPastLife } from '../record/times.ts';
import { isoTime, type RouteDeps, type UploadCall, type UploadCallHandler } from './call.ts';
import { readRecord, settleOpen } from './look.ts';

const TURNS = 6;

/** Where an upload stands before it is ended: finished (S3 has what was granted), ended already, or now aborted. */
type Standing = 'finished' | 'ended';

const tellPlain = (deps: RouteDeps, call: UploadCall, type: Extract<FactType, 'abort' | 'delete'>) =>
  call.budget.run('dynamodb', (signal) =>
    tell(deps.store, { type, of: call.subject, at: isoTime(deps.now()) }, { signal }),
  );

/** `undefined`: open, so S3 must say. */
const standingOf = (record: StoredRecord | null): Standing | undefined => {
  switch (record?.state) {
    case undefined:
    case 'CREATED':
    case 'COMPLETING':
      return undefined;
    case 'RECEIVED':
    case 'UPLOADED':
      return 'finished';
    case 'REJECTED':
    case 'ABORTED':
    case 'DELETED':
    case 'PURGED':
      return 'ended';
  }
};

const completing = (): Problem =>
  new Problem('upstream_unavailable', 'The upload is being completed at this moment; send the request again.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    reason: 'lease_held',
  });

const isMultipart = (call: UploadCall): boolean => call.subject.upload.kind === 'multipart';

/** Frees the parts of an upload that is over. */
const freeParts = async (deps: RouteDeps, call: UploadCall): Promise<Standing> => {
  if (isMultipart(call)) await call.budget.run('s3', (signal) => abortAll(deps.parts, call.subject, { signal }));
  return 'ended';
};

/**
 * Frees the parts of an aborted upload: after the record says so, so that no lease can come in between, and again when asked again, because
 * the request that aborted it may have died before it came to this. A Complete that S3 was still working on may have won; what it made
 * belongs to nobody and is removed.
 */
const freeAborted = async (deps: RouteDeps, call: UploadCall): Promise<Standing> => {
  await freeParts(deps, call);
  if (isMultipart(call)) await settleOpen(deps, call);
  return 'ended';
};

const isLeased = (record: StoredRecord | null, at: string): boolean =>
  record?.state === 'COMPLETING' && record.lease.until > at;

/** Ends an upload if it is open and S3 has no object of it; never touches a finished one. */
const endOpen = async (deps: RouteDeps, call: UploadCall): Promise<Standing> => {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const record = await readRecord(deps, call);
    const standing = standingOf(record);
    if (record?.state === 'ABORTED') return freeAborted(deps, call);
    if (standing !== undefined) return standing;
    const settled = await settleOpen(deps, call);
    if (settled.found) {
      const after = standingOf(settled.record);
      if (after !== undefined) return after;
    }
    const at = isoTime(deps.now());
    if (isLeased(record, at)) throw completing();
    if (record !== null && isPastLife(record, at)) return freeParts(deps, call);
    const aborted = await tellPlain(deps, call, 'abort');
    if (aborted.record?.state === 'ABORTED') return freeAborted(deps, call);
    if (isLeased(aborted.record, at)) throw completing();
  }
  throw contended();
};

const done = (): Response => new Response(null, { status: 204 });

/** `POST /v1/uploads/{id}/abort`: ends an unfinished upload, also the second time. Throws `already_complete` for a finished one. */
export const createAbort =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    if ((await endOpen(deps, call)) === 'ended') return done();
    throw new Problem('already_complete', 'The bytes are complete; use DELETE to remove the upload.');
  };

/** `DELETE /v1/uploads/{id}`: soft delete of a finished upload, abort of an unfinished one, also the second time. */
export const createDelete =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    if ((await endOpen(deps, call)) === 'ended') return done();
    // A finalize that died may have left another open upload; freed first, so that a repeat does it too.
    await freeParts(deps, call);
    await tellPlain(deps, call, 'delete');
    return done();
  };
