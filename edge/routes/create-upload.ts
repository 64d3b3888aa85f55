import { CreateBody, checkGrantText } from '../../core/contract/create-body.ts';
import { deriveNonce, type Grant, grantDigest } from '../../core/contract/grant.ts';
import { formatId, type UploadId } from '../../core/contract/ids.ts';
import { parseRequest } from '../../core/contract/parse-request.ts';
import { checkGrant } from '../../core/identity/policy.ts';
import type { AuthorizedCall, Handle, RouteDeps } from '../call.ts';
import { grantAnswer } from '../grant-answer.ts';
import { findMultipart, startMultipart } from '../open-multipart.ts';
import { type OpenIn, openSomewhere } from '../open-somewhere.ts';
import { pickRegion } from '../pick-region.ts';
import { planUpload, type TransferGrant } from '../plan-upload.ts';
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

  /** Opens the upload of these parts in a Region; one that an earlier request of the same key left open is taken up again. */
  const openParts =
    (call: AuthorizedCall, grant: TransferGrant, idOf: (region: string) => UploadId, repeatable: boolean): OpenIn =>
    async (region, timeoutMs) => {
      const id = idOf(region);
      const endsAt = call.budget.left() - timeoutMs;
      const found = repeatable ? await findMultipart(call, { id, region }, deps, timeoutMs) : undefined;
      return found ?? startMultipart(call, { id, region, grant }, deps, call.budget.left() - endsAt);
    };

  return async (call) => {
    const idempotencyKey = readIdempotencyKey(call.request);
    const body = parseRequest(CreateBody, readJson(call.request));
    checkGrantText(body);
    const grant = planUpload(body);
    checkGrant(call.principal, grant);
    const nonce = nonceOf(call, idempotencyKey, grant);
    const { ownerKey } = call.principal;
    const digest = grantDigest(grant);
    const idOf = (region: string) => formatId({ ...grant, region, ownerKey, nonce, grantDigest: digest });

    const wishes = { prefer: body.preferRegion, avoid: body.avoidRegions, takesUploads: true };
    const { region, reason, open } =
      grant.kind === 'multipart'
        ? await openSomewhere(call, deps.edgeRegion, wishes, openParts(call, grant, idOf, idempotencyKey !== null))
        : { ...pickRegion(call, deps.edgeRegion, wishes), open: undefined };
    const id = idOf(region);
    call.notes.uploadId = id;
    const answer = grantAnswer(call, { id, region, regionReason: reason, grant }, deps, open);
    await tellCreated(call, answer, id, grant);
    return respondJson(201, answer);
  };
};
