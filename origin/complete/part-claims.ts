import { Problem, type ProblemFault } from '../../core/contract/problems.ts';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import type { ChecksumMode } from '../../core/contract/states.ts';
import type { HeldPart } from '../objects/part-store.ts';
import { writeNumbers } from './check-parts.ts';

type PartClaim = NonNullable<FinalizeBody['parts']>[number];

const refuse = (path: string, message: string): never => {
  throw new Problem('request_invalid', `Change the request: ${path} ${message}.`, { errors: [{ path, message }] });
};

/** Throws `request_invalid` for claims that S3 can never hold a value for, given what each part carries. */
export const checkMultipartClaims = (claims: FinalizeBody, mode: ChecksumMode): void => {
  if (claims.checksum?.sha256 !== undefined) {
    const held = mode === 'sha256' ? 'the SHA-256 of each part' : 'crc64nvme';
    refuse('/checksum/sha256', `cannot be compared: S3 holds ${held} for an upload in parts`);
  }
  if (mode === 'sha256' && claims.checksum?.crc64nvme !== undefined) {
    refuse('/checksum/crc64nvme', 'cannot be compared: S3 holds the SHA-256 of each part for this upload');
  }
  const index = mode === 'sha256' ? -1 : (claims.parts ?? []).findIndex(({ sha256 }) => sha256 !== undefined);
  if (index >= 0)
    refuse(`/parts/${index}/sha256`, 'cannot be compared: S3 holds no SHA-256 for the parts of this upload');
};

/** An ETag without quotes, for comparison. */
export const bareEtag = (etag: string): string => etag.replace(/^(?:W\/)?"?|"$/g, '').toLowerCase();

/** S3's base64 as the contract writes a SHA-256. */
export const sha256Hex = (base64: string | null): string | null =>
  base64 === null ? null : Buffer.from(base64, 'base64').toString('hex');

/** What of a claim is not what S3 holds. */
const differs = (claim: PartClaim, held: HeldPart | undefined): string | undefined => {
  if (held === undefined) return 'is not there';
  if (claim.size !== undefined && claim.size !== held.size) return `has ${held.size} bytes`;
  if (claim.etag !== undefined && bareEtag(claim.etag) !== bareEtag(held.etag))
    return `has the ETag ${bareEtag(held.etag)}`;
  const sha256 = sha256Hex(held.sha256);
  return claim.sha256 !== undefined && claim.sha256 !== sha256 ? `has the SHA-256 ${sha256}` : undefined;
};

/** Each claim that differs from what S3 holds; its path ends with the part's number. */
export const differingClaims = (claims: FinalizeBody, held: readonly HeldPart[]): readonly ProblemFault[] => {
  const byNumber = new Map(held.map((part) => [part.number, part]));
  return (claims.parts ?? []).flatMap((claim) => {
    const message = differs(claim, byNumber.get(claim.number));
    return message === undefined ? [] : [{ path: `/parts/${claim.number}`, message }];
  });
};

/** The answer for claims that differ. */
export const claimsProblem = (faults: readonly ProblemFault[]): Problem => {
  const numbers = [...new Set(faults.map(({ path }) => Number(path.split('/').at(-1))))].sort((a, b) => a - b);
  return new Problem(
    'part_mismatch',
    `S3 holds something else than you sent as ${numbers.length === 1 ? 'part' : 'parts'} ${writeNumbers(numbers)}; send again what differs and finalize again. The upload is still open.`,
    { errors: faults.slice(0, 1_000) },
  );
};

/** The answer for sealed claims that differ; the client, asking again with its claims, is told which. */
export const sealProblem = (): Problem =>
  new Problem('part_mismatch', 'S3 holds something else than you sent; finalize again to learn which parts differ.');
