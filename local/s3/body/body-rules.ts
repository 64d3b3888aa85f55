import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '../store/records.ts';
import { checksumAlgorithm, isChecksumValue } from './checksum.ts';

/** What the headers of a request say of its body. */
export interface BodyRules {
  /** Bytes of the object. */
  readonly size: number;
  /** The body is framed as `aws-chunked`. */
  readonly chunked: boolean;
  /** Hex SHA-256 that was signed; null when the signature does not cover the body. */
  readonly sha256: string | null;
  /** Base64, from Content-MD5. */
  readonly md5: string | null;
  /** The checksum S3 keeps. `value` null: computed here; `trailing`: to come after the body. */
  readonly checksum: {
    readonly algorithm: ChecksumAlgorithm;
    readonly value: string | null;
    readonly trailing: boolean;
  };
}

/** Parameters of the signature itself, and the one the SDK adds to say who it is. */
const QUERY_OF_SIGNATURE: ReadonlySet<string> = new Set([
  'X-Amz-Algorithm',
  'X-Amz-Content-Sha256',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-Security-Token',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'x-amz-user-agent',
]);

const invalid = (message: string): never => {
  throw fault('InvalidRequest', { message });
};

/**
 * Reads and checks everything a PUT says of its body, before the first byte of it; `maxBytes` is EntityTooLarge's bound,
 * `fallback` the checksum that is computed when none is given.
 */
export function readBodyRules(
  call: Pick<Call, 'header' | 'query' | 'verified'>,
  maxBytes: number,
  fallback: ChecksumAlgorithm = 'crc64nvme',
): BodyRules {
  const { payloadHash } = call.verified;
  const chunked = payloadHash.startsWith('STREAMING-');
  const size = readSize(call, chunked);
  if (size > maxBytes) {
    throw fault('EntityTooLarge', { details: { ProposedSize: String(size), MaxSizeAllowed: String(maxBytes) } });
  }
  refuseAmzInQuery(call.query);
  return {
    size,
    chunked,
    sha256: chunked || payloadHash === 'UNSIGNED-PAYLOAD' ? null : payloadHash,
    md5: readMd5(call.header('content-md5')),
    checksum: readChecksum(call.header, payloadHash.endsWith('-TRAILER'), fallback),
  };
}

function readSize({ header }: Pick<Call, 'header'>, chunked: boolean): number {
  const text = chunked ? header('x-amz-decoded-content-length') : header('content-length');
  if (text === undefined) throw fault('MissingContentLength');
  if (!/^\d{1,15}$/.test(text)) return invalid(`${text} is not a length.`);
  return Number(text);
}

/** Real S3 ignores a checksum there, so the bytes would go unchecked: that mistake is not let through here. */
export function refuseAmzInQuery(query: ReadonlyMap<string, string>): void {
  for (const name of query.keys()) {
    if (!name.toLowerCase().startsWith('x-amz-') || QUERY_OF_SIGNATURE.has(name)) continue;
    invalid(`${name} has to be a signed header: S3 does not act on it in the query.`);
  }
}

function readMd5(value: string | undefined): string | null {
  if (value === undefined) return null;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length !== 16 || bytes.toString('base64') !== value) throw fault('InvalidDigest');
  return value;
}

function readChecksum(header: Call['header'], hasTrailer: boolean, fallback: ChecksumAlgorithm): BodyRules['checksum'] {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => header(`x-amz-checksum-${algorithm}`) !== undefined);
  if (given.length > 1) invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const trailer = hasTrailer ? trailerAlgorithm(header('x-amz-trailer')) : undefined;
  const asked = header('x-amz-sdk-checksum-algorithm');
  if (trailer && given.length > 0) invalid('Expecting a single x-amz-checksum- header');
  const algorithm = given[0] ?? trailer;
  if (asked !== undefined) {
    if (!algorithm) {
      invalid(
        'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
      );
    } else if (checksumAlgorithm(asked) !== algorithm) {
      invalid('Value for x-amz-sdk-checksum-algorithm header is invalid.');
    }
  }
  if (!algorithm) return { algorithm: fallback, value: null, trailing: false };
  if (algorithm === trailer) return { algorithm, value: null, trailing: true };
  const value = header(`x-amz-checksum-${algorithm}`) ?? '';
  if (!isChecksumValue(algorithm, value)) invalid(`Value for x-amz-checksum-${algorithm} header is invalid.`);
  return { algorithm, value, trailing: false };
}

function trailerAlgorithm(value: string | undefined): ChecksumAlgorithm | undefined {
  if (value === undefined) return undefined;
  const name = /^x-amz-checksum-([a-z0-9]+)$/.exec(value.trim().toLowerCase())?.[1];
  return checksumAlgorithm(name ?? '') ?? invalid('The value specified in the x-amz-trailer header is not supported');
}
