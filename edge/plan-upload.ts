import type { CreateBody } from '../core/contract/create-body.ts';
import type { Grant } from '../core/contract/grant.ts';
import { AUTO_PUT_MAX_BYTES, PUT_MAX_BYTES } from '../core/contract/limits.ts';
import { requestInvalid } from '../core/contract/parse-request.ts';
import { Problem } from '../core/contract/problems.ts';
import type { Kind } from '../core/contract/states.ts';
import { leastPartSize, partSizeFor } from '../core/objects/plan-parts.ts';

/** How bytes travel by themselves; a document comes inside its request. */
export type TransferKind = Exclude<Kind, 'document'>;

/** A grant of an upload. */
export type TransferGrant = Grant & { readonly kind: TransferKind };

/** What a body says an object will be; the plan says how it travels. */
export const contentOf = (body: CreateBody): Omit<Grant, 'kind' | 'checksumMode' | 'partSize'> => ({
  size: body.size,
  name: body.name,
  type: body.type,
  sha256: body.sha256 ?? null,
  metadata: body.metadata ?? {},
});

/** S3 checks a SHA-256 of the whole in a PUT alone, so that declaring one asks for a PUT of any size. */
const kindOf = ({ method = 'auto', size, sha256 }: CreateBody): TransferKind => {
  if (method !== 'auto') return method;
  return size <= AUTO_PUT_MAX_BYTES || sha256 !== undefined ? 'put' : 'multipart';
};

const planParts = ({ size, partSize = partSizeFor(size), partChecksum = 'none' }: CreateBody) => {
  const least = leastPartSize(size);
  if (partSize >= least) return { kind: 'multipart', checksumMode: partChecksum, partSize } as const;
  throw requestInvalid([{ path: '/partSize', message: `must be at least ${least} for ${size} bytes` }]);
};

/**
 * The grant a body asks for. A wish that could not be kept is refused, never dropped, because renewing compares it with
 * the grant: `method_unavailable` for more than one request takes, `request_invalid` for parts that are too small or of
 * an upload that has none.
 */
export const planUpload = (body: CreateBody): TransferGrant => {
  const kind = kindOf(body);
  if (kind === 'multipart') return { ...planParts(body), ...contentOf(body) };
  if (body.size > PUT_MAX_BYTES) {
    throw new Problem(
      'method_unavailable',
      `Upload at most ${PUT_MAX_BYTES} bytes by ${kind}, or make the method auto or multipart.`,
    );
  }
  const parts = [
    ...(body.partSize === undefined ? [] : ['/partSize']),
    ...(body.partChecksum === undefined || body.partChecksum === 'none' ? [] : ['/partChecksum']),
  ];
  if (parts.length > 0) {
    throw requestInvalid(
      parts.map((path) => ({
        path,
        message: `needs method multipart: leave it out for a ${kind}, which has no parts`,
      })),
    );
  }
  return { kind, checksumMode: 'none', partSize: 0, ...contentOf(body) };
};
