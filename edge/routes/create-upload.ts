import { CreateBody, checkGrantText } from '../../core/contract/create-body.ts';
import { deriveNonce, type Grant, grantDigest } from '../../core/contract/grant.ts';
import { formatId } from '../../core/contract/ids.ts';
import { parseRequest } from '../../core/contract/parse-request.ts';
import { checkGrant } from '../../core/identity/policy.ts';
import type { AuthorizedCall, Handle, RouteDeps } from '../call.ts';
import { grantAnswer } from '../grant-answer.ts';
import { pickRegion } from '../pick-region.ts';
import { planUpload } from '../plan-upload.ts';
import { readJson } from '../read-body.ts';
import { readIdempotencyKey } from '../read-idempotency-key.ts';
import { respondJson } from '../respond.ts';
import { tellCreated } from '../tell-created.ts';

const NONCE_BYTES = 16;

/** `POST /v1/uploads`: checks the wish, chooses the Region, mints the id, signs, and tells the Region. */
export const createUpload = (deps: RouteDeps): Handle<AuthorizedCall> => {
  const nonceOf = ({ principal }: AuthorizedCall, idempotencyKey: string | null, grant: Grant): Uint8Array => {
    if (idempotencyKey === null) return deps.randomBytes(NONCE_BYTES);
    const { ownerKey, subject } = principal;
    return deriveNonce({ ownerKey, subject, idempotencyKey, grant });
  };

  return async (call) => {
    const idempotencyKey = readIdempotencyKey(call.request);
    const body = parseRequest(CreateBody, readJson(call.request));
    checkGrantText(body);
    const grant = planUpload(body);
    checkGrant(call.principal, grant);
    const { region, reason } = pickRegion(call, deps.edgeRegion, {
      prefer: body.preferRegion,
      avoid: body.avoidRegions,
      takesUploads: true,
    });
    const id = formatId({
      ...grant,
      region,
      ownerKey: call.principal.ownerKey,
      nonce: nonceOf(call, idempotencyKey, grant),
      grantDigest: grantDigest(grant),
    });
    call.notes.uploadId = id;
    const answer = grantAnswer(call, { id, region, regionReason: reason, grant }, deps);
    await tellCreated(call, answer, id, grant);
    return respondJson(201, answer);
  };
};
