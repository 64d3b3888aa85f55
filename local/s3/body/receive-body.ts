import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import type { Checksum, ChecksumAlgorithm } from '../store/records.ts';
import { decodeAwsChunked, type Trailers } from './aws-chunked.ts';
import type { BodyRules } from './body-rules.ts';
import { isChecksumValue } from './checksum.ts';
import { readRequest } from './read-request.ts';
import { type HashedBytes, type HashName, storeBytes } from './store-bytes.ts';

/** A body that is whole and as declared, in a data file. */
export interface Received {
  /** Name of the data file. */
  readonly file: string;
  readonly size: number;
  /** Hex MD5. */
  readonly etag: string;
  /** The one that is kept. */
  readonly checksum: Checksum;
  /** The one that came with the body and fits it; null: none came. */
  readonly given: Checksum | null;
}

/**
 * Streams the request's body into a data file while hashing it; when anything is not as declared, the file is gone and
 * S3's error thrown. `keep` is the algorithm of the checksum to keep, if not the one that is given.
 */
export async function receiveBody(call: Call, rules: BodyRules, keep?: ChecksumAlgorithm): Promise<Received> {
  const { algorithm, value, trailing } = rules.checksum;
  const kept = keep ?? algorithm;
  const trailers: Trailers = { values: new Map() };
  const { file, size, hash } = await storeBytes(call.store.files, bodyOf(call, rules, trailers), {
    hashes: new Set<HashName>(['md5', algorithm, kept, ...(rules.sha256 === null ? [] : (['sha256'] as const))]),
    grow: (soFar) => {
      if (soFar > rules.size) throw fault('IncompleteBody');
    },
    judge: (stored) => compare(rules, trailers, stored),
  });
  const checksumOf = (name: ChecksumAlgorithm): Checksum => ({ algorithm: name, value: hash(name).toString('base64') });
  return {
    file,
    size,
    etag: hash('md5').toString('hex'),
    checksum: checksumOf(kept),
    given: value === null && !trailing ? null : checksumOf(algorithm),
  };
}

async function* bodyOf(call: Call, rules: BodyRules, trailers: Trailers): AsyncGenerator<Buffer> {
  if (rules.size === 0 && !rules.chunked) return;
  call.askForBody();
  const raw = readRequest(call.request, call.bodyIdleMs);
  yield* rules.chunked ? decodeAwsChunked(raw, call.verified, trailers) : raw;
}

function compare(rules: BodyRules, trailers: Trailers, { size, hash }: HashedBytes): void {
  if (size !== rules.size) throw fault('IncompleteBody');
  if (rules.md5 !== null && hash('md5').toString('base64') !== rules.md5) throw fault('BadDigest');
  if (rules.sha256 !== null && hash('sha256').toString('hex') !== rules.sha256) {
    throw fault('XAmzContentSHA256Mismatch');
  }
  compareChecksum(rules, trailers, hash(rules.checksum.algorithm).toString('base64'));
}

function compareChecksum({ checksum }: BodyRules, trailers: Trailers, computed: string): void {
  let declared = checksum.value;
  if (checksum.trailing) {
    declared = trailers.values.get(`x-amz-checksum-${checksum.algorithm}`) ?? null;
    if (declared === null) {
      throw fault('InvalidRequest', { message: `The trailer x-amz-checksum-${checksum.algorithm} did not come.` });
    }
    if (!isChecksumValue(checksum.algorithm, declared)) {
      throw fault('InvalidRequest', {
        message: `Value for x-amz-checksum-${checksum.algorithm} trailing header is invalid.`,
      });
    }
  }
  if (declared !== null && declared !== computed) throw wrongChecksum(checksum.algorithm);
}

/** BadDigest, naming the checksum that does not fit. */
export const wrongChecksum = (algorithm: Checksum['algorithm']) =>
  fault('BadDigest', {
    message: `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  });
