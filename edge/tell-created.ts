import type { CreatedEvent } from '../core/contract/events.ts';
import type { Grant } from '../core/contract/grant.ts';
import type { UploadId } from '../core/contract/ids.ts';
import { CREATED_EVENT_BUDGET_MS } from '../core/contract/limits.ts';
import type { CreatedUpload } from '../core/contract/records.ts';
import { objectKey } from '../core/objects/object-key.ts';
import type { AuthorizedCall } from './call.ts';
import { homeOf } from './grant-answer.ts';

/**
 * Tells the home Region what was granted, for at most 700 ms of what the request has left. A hint only: whatever happens to
 * it is noted and counted, and the answer is the same. Never rejects.
 */
export const tellCreated = async (
  call: AuthorizedCall,
  answer: CreatedUpload,
  id: UploadId,
  grant: Grant,
): Promise<void> => {
  const { principal, runtime, notes, request, budget, steps } = call;
  const { issuerId, ownerKey, tenant, subject } = principal;
  const timeoutMs = Math.min(CREATED_EVENT_BUDGET_MS, budget.left());
  notes.created = 'failed';
  if (timeoutMs < 1) {
    notes.createdError = 'no time was left';
    return;
  }
  try {
    const home = homeOf(call, answer.region);
    const event: CreatedEvent = {
      v: 1,
      type: 'upload.created',
      id,
      key: objectKey({ issuerId, ownerKey, id }),
      ownerKey,
      issuer: issuerId,
      tenant,
      subject,
      kind: grant.kind,
      name: grant.name,
      size: grant.size,
      contentType: grant.type,
      sha256: grant.sha256,
      metadata: grant.metadata,
      uploadId: answer.multipart?.uploadId ?? null,
      createdAt: answer.createdAt,
      expiresAt: answer.expiresAt,
      requestId: request.requestId,
    };
    await steps.runAsync('event', () => runtime.sendMessage(home, home.queueUrl, event, timeoutMs));
    notes.created = 'sent';
  } catch (error) {
    notes.createdError = error instanceof Error ? error.message : String(error);
  }
};
