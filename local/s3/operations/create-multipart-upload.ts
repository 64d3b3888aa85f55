import { refuseAmzInQuery } from '../body/body-rules.ts';
import { checksumAlgorithm } from '../body/checksum.ts';
import { fault } from '../errors.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, type ChecksumType, type Upload } from '../store/records.ts';
import { beginUpload } from '../store/uploads.ts';
import { wholeSeconds } from '../store/write.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { abortHeaders } from './abort-headers.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { headersOf, readDescription } from './put-object-headers.ts';

/** CreateMultipartUpload: what the object will be described by, and how its parts are checked, is said here and kept. */
export const createMultipartUpload: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  refuseAmzInQuery(call.query);
  const description = readDescription(headersOf(call));
  if (description.tags) requireMay(call, 's3:PutObjectTagging', call.key);
  const upload = await beginUpload(call, {
    ...description,
    initiatedAt: wholeSeconds(call.now()),
    checksum: readChecksumWish(call.header),
    initiator: call.source.principal,
  });
  return {
    status: 200,
    headers: {
      ...XML_TYPE,
      'x-amz-server-side-encryption': 'AES256',
      ...(upload.checksum.declared
        ? {
            'x-amz-checksum-algorithm': upload.checksum.algorithm.toUpperCase(),
            'x-amz-checksum-type': upload.checksum.type,
          }
        : {}),
      ...abortHeaders(bucket.record, upload),
    },
    body: xmlDocument(
      'InitiateMultipartUploadResult',
      leaf('Bucket', call.bucket),
      leaf('Key', call.key),
      leaf('UploadId', upload.id),
    ),
  };
};

/** Types each algorithm can have, its own first. Source: Amazon S3 user guide, "Checking object integrity for data uploads". */
const TYPES: Readonly<Record<ChecksumAlgorithm, readonly [ChecksumType, ...ChecksumType[]]>> = {
  crc32: ['COMPOSITE', 'FULL_OBJECT'],
  crc32c: ['COMPOSITE', 'FULL_OBJECT'],
  crc64nvme: ['FULL_OBJECT'],
  sha1: ['COMPOSITE'],
  sha256: ['COMPOSITE'],
};

function readChecksumWish(header: Call['header']): Upload['checksum'] {
  const name = header('x-amz-checksum-algorithm');
  const type = readChecksumType(header);
  if (name === undefined) {
    if (type === undefined) return { algorithm: 'crc64nvme', type: 'FULL_OBJECT', declared: false };
    throw fault('InvalidRequest', {
      message: 'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    });
  }
  const algorithm = checksumAlgorithm(name);
  if (!algorithm) {
    const valid = CHECKSUM_ALGORITHMS.map((one) => one.toUpperCase()).join(', ');
    throw fault('InvalidRequest', {
      message: `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${valid}]`,
    });
  }
  const types = TYPES[algorithm];
  if (type !== undefined && !types.includes(type)) {
    throw fault('InvalidRequest', {
      message: `The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`,
    });
  }
  return { algorithm, type: type ?? types[0], declared: true };
}

/** `x-amz-checksum-type`, if it is there. */
export function readChecksumType(header: Call['header']): ChecksumType | undefined {
  const type = header('x-amz-checksum-type')?.toUpperCase();
  if (type === undefined || type === 'FULL_OBJECT' || type === 'COMPOSITE') return type;
  throw fault('InvalidRequest', { message: 'Value for x-amz-checksum-type header is invalid.' });
}
