import { createHash } from 'node:crypto';
import { createHasher } from '../body/checksum.ts';
import { combineCrc } from '../body/combine-crc.ts';
import { fault } from '../errors.ts';
import type { Checksum, Part, Upload } from '../store/records.ts';
import type { UploadState } from '../store/state.ts';
import type { ClaimedPart } from './read-complete-request.ts';

/** Least bytes of every part but the last (5 MiB). Source: Amazon S3 user guide, "Multipart upload limits". */
export const PART_MIN_BYTES = 5 * 1024 ** 2;

/** What an object made of these parts is. */
export interface Assembled {
  readonly parts: readonly Part[];
  readonly size: number;
  readonly etag: string;
  readonly checksum: Checksum;
}

/** The claimed parts put together, when each is there and as claimed; no byte of them is read. Throws what S3 answers else. */
export async function assembleParts(state: UploadState, claims: readonly ClaimedPart[]): Promise<Assembled> {
  const { upload } = state;
  const parts = claims.map((claim) => claimedPart(state, claim));
  for (const part of parts.slice(0, -1)) if (part.size < PART_MIN_BYTES) throw tooSmall(part);
  if (upload.checksum.declared) requireConsecutive(parts);
  return {
    parts,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: etagOf(parts),
    checksum: await checksumOf(upload, parts),
  };
}

function claimedPart({ upload, parts }: UploadState, claim: ClaimedPart): Part {
  const { number, etag, checksum } = claim;
  const { algorithm, type, declared } = upload.checksum;
  const invalid = fault('InvalidPart', {
    details: { UploadId: upload.id, PartNumber: String(number), ETag: etag },
  });
  const part = parts.get(number);
  if (!part || part.etag !== etag) throw invalid;
  if (checksum === null) {
    if (!declared || type === 'FULL_OBJECT') return part;
    throw fault('InvalidRequest', {
      message: `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
    });
  }
  const fitting = [part.checksum, part.given].find((one) => one?.algorithm === checksum.algorithm);
  if (declared && !fitting) {
    throw fault('BadDigest', {
      message: `The ${checksum.algorithm} you specified for part ${number} did not match what we received.`,
    });
  }
  if (checksum.value !== fitting?.value) throw invalid;
  return part;
}

function tooSmall({ number, size, etag }: Part) {
  return fault('EntityTooSmall', {
    details: {
      ProposedSize: String(size),
      MinSizeAllowed: String(PART_MIN_BYTES),
      PartNumber: String(number),
      ETag: etag,
    },
  });
}

/** Where parts have checksums, S3 fails with 500 on a gap. Source: Amazon S3 user guide, "Checking object integrity for data uploads". */
function requireConsecutive(parts: readonly Part[]): void {
  for (const [at, { number }] of parts.entries()) if (number !== at + 1) throw fault('InternalError');
}

/** The MD5 of the parts' MD5s and their number. */
function etagOf(parts: readonly Part[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(etag, 'hex');
  return `${hash.digest('hex')}-${parts.length}`;
}

async function checksumOf({ checksum: { algorithm, type } }: Upload, parts: readonly Part[]): Promise<Checksum> {
  const values = parts.map(({ checksum, size }) => ({ value: Buffer.from(checksum.value, 'base64'), size }));
  if (type === 'FULL_OBJECT' && algorithm !== 'sha1' && algorithm !== 'sha256') {
    return { algorithm, value: combineCrc(algorithm, values).toString('base64') };
  }
  const hasher = createHasher(algorithm);
  for (const { value } of values) hasher.update(value);
  const value = `${(await hasher.digest()).toString('base64')}-${parts.length}`;
  return { algorithm, value, composite: true };
}
