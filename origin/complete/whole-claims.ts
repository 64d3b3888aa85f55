import { Problem } from '../../core/contract/problems.ts';
import type { FinalizeBody } from '../../core/contract/schemas.ts';

const refuse = (path: string, message: string): never => {
  throw new Problem('request_invalid', `Change the request: ${path} ${message}.`, { errors: [{ path, message }] });
};

/** Throws `request_invalid` for claims that only a multipart upload has. */
export const checkSingleObjectClaims = (claims: FinalizeBody): void => {
  if (claims.uploadId !== undefined) refuse('/uploadId', 'belongs to multipart uploads; this one has no parts');
  if (claims.parts !== undefined) refuse('/parts', 'belongs to multipart uploads; this one has no parts');
};

const ownValue = (checksums: Readonly<Record<string, string>>, name: string): string | undefined =>
  Object.hasOwn(checksums, name) ? checksums[name] : undefined;

/**
 * Compares what the client says of the content with what S3 holds. Throws `content_mismatch` when they differ and `request_invalid` for an
 * algorithm S3 holds no value of, naming the ones it has.
 */
export const compareChecksums = (claims: FinalizeBody, held: Readonly<Record<string, string>>): void => {
  const { sha256, crc64nvme } = claims.checksum ?? {};
  const claimed: readonly (readonly [string, string])[] = [
    ...(sha256 === undefined ? [] : [['sha256', Buffer.from(sha256, 'hex').toString('base64')] as const]),
    ...(crc64nvme === undefined ? [] : [['crc64nvme', crc64nvme] as const]),
  ];
  for (const [name] of claimed) {
    if (ownValue(held, name) !== undefined) continue;
    const names = Object.keys(held).sort().join(', ');
    refuse(`/checksum/${name}`, `cannot be compared: S3 holds ${names === '' ? 'no checksum' : names} for this object`);
  }
  for (const [name, value] of claimed) {
    if (ownValue(held, name) === value) continue;
    throw new Problem(
      'content_mismatch',
      `The ${name} you sent is not the one of the stored bytes; create a new upload and send the file again.`,
      { reason: `${name}_differs` },
    );
  }
};
