import type { ParsedId } from '../../core/contract/ids.ts';
import { parseRequest, requestInvalid } from '../../core/contract/parse-request.ts';
import { PartNumbersBody, PartRangeBody } from '../../core/contract/parts-body.ts';
import { Problem } from '../../core/contract/problems.ts';
import { checkSize } from '../../core/identity/policy.ts';
import { grantParts, type WantedPart } from '../../core/objects/part-grants.ts';
import { partCount } from '../../core/objects/plan-parts.ts';
import type { Handle, RouteDeps, UploadCall } from '../call.ts';
import { signerFor, urlTtlSeconds } from '../grant-answer.ts';
import { readJson } from '../read-body.ts';
import { respondJson } from '../respond.ts';

type Wanted = {
  readonly uploadId: string;
  readonly numbers: readonly number[];
  readonly sha256?: string[] | undefined;
};

/** Reads either form of the body: parts one by one, or in a row. */
const readWanted = (value: unknown): Wanted => {
  const inRow = typeof value === 'object' && value !== null && 'from' in value;
  if (!inRow) return parseRequest(PartNumbersBody, value);
  const { from, count, ...rest } = parseRequest(PartRangeBody, value);
  return { ...rest, numbers: Array.from({ length: count }, (_, index) => from + index) };
};

/** The parts to sign, each with its checksum where the plan asks for one. Throws `part_mismatch` beyond the plan. */
const planned = (upload: ParsedId, { numbers, sha256 }: Wanted): WantedPart[] => {
  const wanted = upload.checksumMode === 'sha256' ? numbers.length : 0;
  if ((sha256?.length ?? 0) !== wanted || (wanted === 0 && sha256 !== undefined)) {
    const message = wanted === 0 ? 'was not asked for: leave it out' : `must have ${wanted} items, one for each part`;
    throw requestInvalid([{ path: '/sha256', message }]);
  }
  const count = partCount(upload);
  if (Math.max(...numbers) > count) {
    throw new Problem('part_mismatch', `Ask for parts 1 to ${count}: this upload was planned with no more.`);
  }
  return numbers.map((number, index) => ({ number, sha256: sha256?.[index] }));
};

/** `POST /v1/uploads/{id}/parts`: URLs for parts of the caller's own upload, by the plan in its id and today's policy. */
export const signParts =
  (deps: RouteDeps): Handle<UploadCall> =>
  (call) => {
    const { upload, principal, steps } = call;
    if (upload.kind !== 'multipart') {
      throw new Problem('method_unavailable', `Renew this upload instead: it is a ${upload.kind} and has no parts.`);
    }
    const wanted = readWanted(readJson(call.request));
    checkSize(principal, upload);
    const { uploadId } = wanted;
    const parts = steps.run('sign', () =>
      grantParts({
        ...signerFor(call, upload.region, deps),
        plan: upload,
        uploadId,
        parts: planned(upload, wanted),
        expiresIn: urlTtlSeconds(call),
      }),
    );
    return respondJson(200, { uploadId, parts });
  };
