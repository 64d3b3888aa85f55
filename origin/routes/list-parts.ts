import * as v from 'valibot';
import { Problem } from '../../core/contract/problems.ts';
import type { PartList, StoredPart } from '../../core/contract/records.ts';
import { S3UploadId } from '../../core/contract/schemas.ts';
import { partCount } from '../../core/objects/plan-parts.ts';
import { checkParts } from '../complete/check-parts.ts';
import { listHeld } from '../complete/list-held.ts';
import { isExpired, notOpen } from '../complete/not-open.ts';
import type { HeldPart, OpenUpload } from '../objects/part-store.ts';
import { endedProblem, expiredProblem } from '../record/ended.ts';
import type { StoredRecord } from '../record/record.ts';
import type { RouteDeps, UploadCall, UploadCallHandler } from './call.ts';
import { readRecord, settleOpen } from './look.ts';

const readUploadId = (query: URLSearchParams): string | undefined => {
  const [value, ...others] = query.getAll('uploadId');
  if (value === undefined) return undefined;
  if (others.length === 0 && v.is(S3UploadId, value)) return value;
  const message = 'must be the uploadId that create answered, once';
  throw new Problem('request_invalid', `Change the query: uploadId ${message}.`, {
    errors: [{ path: '/uploadId', message }],
  });
};

/** Throws for an upload that needs no parts any more. */
const checkOpen = (record: StoredRecord | null): void => {
  const ended = endedProblem(record);
  if (ended !== null) throw ended;
  if (record?.state === 'RECEIVED' || record?.state === 'UPLOADED') {
    throw new Problem('already_complete', 'The bytes are complete; finalize the upload, or read it.');
  }
};

/** Nothing is open; one HEAD says whether that is because all is done. */
const refuse = async (
  deps: RouteDeps,
  call: UploadCall,
  record: StoredRecord | null,
  open: readonly OpenUpload[],
): Promise<never> => {
  const settled = await settleOpen(deps, call);
  if (settled.found) checkOpen(settled.record);
  throw isExpired(record, open, deps.now()) ? expiredProblem() : notOpen(record, deps.now());
};

const shown = ({ number, size, etag, sha256 }: HeldPart): StoredPart => ({
  number,
  size,
  etag,
  sha256: sha256 === null ? null : Buffer.from(sha256, 'base64').toString('hex'),
});

/**
 * `GET /v1/uploads/{id}/parts`: what S3 has of a multipart upload, seen against its plan. Without `uploadId` it is the open upload that
 * was started first. Throws `method_unavailable` for an upload without parts, `already_complete`, `upload_ended`, or how it ended.
 */
export const createListParts =
  (deps: RouteDeps): UploadCallHandler =>
  async (call) => {
    const { subject, budget } = call;
    const { upload } = subject;
    if (upload.kind !== 'multipart') {
      throw new Problem('method_unavailable', 'This upload has no parts: it travels in one request. Read its record.');
    }
    const wanted = readUploadId(call.query);
    const record = await readRecord(deps, call);
    checkOpen(record);
    const open = await budget.run('s3', (signal) => deps.parts.listUploads(subject, { signal }));
    if (isExpired(record, open, deps.now())) return refuse(deps, call, record, open);
    const uploadId = wanted ?? open[0]?.uploadId;
    if (uploadId === undefined) return refuse(deps, call, record, open);
    const held = await budget.run('parts', (signal) =>
      listHeld(deps.parts, subject, uploadId, partCount(upload), { signal }),
    );
    if (held === null) return refuse(deps, call, record, open);
    const { missing, wrong } = checkParts(upload, held);
    return Response.json({
      uploadId,
      partSize: upload.partSize,
      partCount: partCount(upload),
      parts: held.map(shown),
      missing: [...missing],
      wrong: [...wrong],
    } satisfies PartList);
  };
