import type { CreateBody } from '../core/contract/create-body.ts';
import type { Grant } from '../core/contract/grant.ts';
import { PUT_MAX_BYTES } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';

/** What a body says an object will be; the plan says how it travels. */
export const contentOf = (body: CreateBody): Omit<Grant, 'kind' | 'checksumMode' | 'partSize'> => ({
  size: body.size,
  name: body.name,
  type: body.type,
  sha256: body.sha256 ?? null,
  metadata: body.metadata ?? {},
});

const unavailable = (detail: string): Problem => new Problem('method_unavailable', detail);

/**
 * The grant a body asks for: one PUT. Throws `method_unavailable` for what needs a form or parts, and so for more than 5 GiB:
 * a wish that could not be kept is refused, never dropped, because renewing compares it with the grant.
 */
export const planUpload = (body: CreateBody): Grant => {
  const { method = 'auto', size, partSize, partChecksum = 'none' } = body;
  if (method === 'form' || method === 'multipart') {
    throw unavailable(`Leave method out or make it auto or put: ${method} is not available here.`);
  }
  if (size > PUT_MAX_BYTES) {
    throw unavailable(
      `Upload at most ${PUT_MAX_BYTES} bytes: larger files need multipart, which is not available here.`,
    );
  }
  if (partSize !== undefined || partChecksum !== 'none') {
    throw unavailable('Leave partSize and partChecksum out: they need multipart, which is not available here.');
  }
  return { kind: 'put', checksumMode: 'none', partSize: 0, ...contentOf(body) };
};
