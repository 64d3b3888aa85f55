import { timingSafeEqual } from 'node:crypto';
import { CreateBody, checkGrantText } from '../../core/contract/create-body.ts';
import { grantDigest } from '../../core/contract/grant.ts';
import type { ParsedId } from '../../core/contract/ids.ts';
import { parseRequest } from '../../core/contract/parse-request.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { Kind } from '../../core/contract/states.ts';
import { checkGrant } from '../../core/identity/policy.ts';
import type { OpenMultipart } from '../../core/objects/list-multiparts.ts';
import type { Handle, RouteDeps, UploadCall } from '../call.ts';
import { grantAnswer } from '../grant-answer.ts';
import { findMultipart } from '../open-multipart.ts';
import { s3Unavailable } from '../open-somewhere.ts';
import { pickRegion } from '../pick-region.ts';
import { contentOf, type TransferGrant, type TransferKind } from '../plan-upload.ts';
import { readJson } from '../read-body.ts';
import { respondJson } from '../respond.ts';

const mismatch = (member: string): Problem =>
  new Problem('grant_mismatch', `Send the body that created this upload, or create another: ${member} differs.`);

/** A kind whose bytes travel by themselves. Throws `method_unavailable` for a document. */
const transferKind = (kind: Kind): TransferKind => {
  if (kind !== 'document') return kind;
  throw new Problem('method_unavailable', 'Send the document again: its bytes travel in the request itself.');
};

/** The body's grant under the id's plan. Throws `grant_mismatch` unless it is the one the id was minted for. */
const sameGrant = (body: CreateBody, upload: ParsedId): TransferGrant => {
  const { checksumMode, partSize } = upload;
  const kind = transferKind(upload.kind);
  const { method = 'auto' } = body;
  if (method !== 'auto' && method !== kind) throw mismatch('method');
  if (body.partSize !== undefined && body.partSize !== partSize) throw mismatch('partSize');
  if (body.partChecksum !== undefined && body.partChecksum !== checksumMode) throw mismatch('partChecksum');
  if (body.size !== upload.size) throw mismatch('size');
  const grant = { kind, checksumMode, partSize, ...contentOf(body) };
  if (!timingSafeEqual(grantDigest(grant), upload.grantDigest)) throw mismatch('name, type, sha256 or metadata');
  return grant;
};

/** What S3 still has open of the upload. Throws `upload_ended` for nothing, `upstream_unavailable` when S3 does not say. */
const stillOpen = async (call: UploadCall, deps: RouteDeps): Promise<OpenMultipart> => {
  const { budget, steps, upload } = call;
  const open = await steps
    .runAsync('multipart', () => findMultipart(call, upload, deps, budget.left()))
    .catch((cause: unknown) => {
      throw s3Unavailable(cause);
    });
  if (open !== undefined) return open;
  throw new Problem(
    'upload_ended',
    'Ask for the upload: S3 has no part of it open, so it was finished, aborted or ran out.',
  );
};

/** `POST /v1/uploads/{id}/renew`: the same grant under today's policy, signed afresh. */
export const renewUpload =
  (deps: RouteDeps): Handle<UploadCall> =>
  async (call) => {
    const body = parseRequest(CreateBody, readJson(call.request));
    checkGrantText(body);
    const { upload } = call;
    const grant = sameGrant(body, upload);
    checkGrant(call.principal, grant);
    // The id names the Region: whatever is drained or nearer by now, the object can be nowhere else.
    const { region, reason } = pickRegion(call, deps.edgeRegion, { prefer: upload.region, takesUploads: false });
    const open = grant.kind === 'multipart' ? await stillOpen(call, deps) : undefined;
    return respondJson(200, grantAnswer(call, { id: upload.id, region, regionReason: reason, grant }, deps, open));
  };
