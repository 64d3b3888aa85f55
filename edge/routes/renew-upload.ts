import { timingSafeEqual } from 'node:crypto';
import { CreateBody, checkGrantText } from '../../core/contract/create-body.ts';
import { type Grant, grantDigest } from '../../core/contract/grant.ts';
import type { ParsedId } from '../../core/contract/ids.ts';
import { parseRequest } from '../../core/contract/parse-request.ts';
import { Problem } from '../../core/contract/problems.ts';
import { checkGrant } from '../../core/identity/policy.ts';
import type { Handle, RouteDeps, UploadCall } from '../call.ts';
import { grantAnswer } from '../grant-answer.ts';
import { pickRegion } from '../pick-region.ts';
import { contentOf } from '../plan-upload.ts';
import { readJson } from '../read-body.ts';
import { respondJson } from '../respond.ts';

const mismatch = (member: string): Problem =>
  new Problem('grant_mismatch', `Send the body that created this upload, or create another: ${member} differs.`);

/** The body's grant under the id's plan. Throws `grant_mismatch` unless it is the one the id was minted for. */
const sameGrant = (body: CreateBody, upload: ParsedId): Grant => {
  const { kind, checksumMode, partSize } = upload;
  const { method = 'auto' } = body;
  if (method !== 'auto' && method !== kind) throw mismatch('method');
  if (body.partSize !== undefined && body.partSize !== partSize) throw mismatch('partSize');
  if (body.partChecksum !== undefined && body.partChecksum !== checksumMode) throw mismatch('partChecksum');
  if (body.size !== upload.size) throw mismatch('size');
  const grant: Grant = { kind, checksumMode, partSize, ...contentOf(body) };
  if (!timingSafeEqual(grantDigest(grant), upload.grantDigest)) throw mismatch('name, type, sha256 or metadata');
  return grant;
};

/** `POST /v1/uploads/{id}/renew`: the same grant under today's policy, signed afresh. */
export const renewUpload =
  (deps: RouteDeps): Handle<UploadCall> =>
  (call) => {
    const body = parseRequest(CreateBody, readJson(call.request));
    checkGrantText(body);
    const { upload } = call;
    const grant = sameGrant(body, upload);
    checkGrant(call.principal, grant);
    if (grant.kind !== 'put') {
      throw new Problem('method_unavailable', `Create another upload by put: ${grant.kind} is not available here.`);
    }
    // The id names the Region: whatever is drained or nearer by now, the object can be nowhere else.
    const { region, reason } = pickRegion(call, deps.edgeRegion, { prefer: upload.region, takesUploads: false });
    return respondJson(200, grantAnswer(call, { id: upload.id, region, regionReason: reason, grant }, deps));
  };
