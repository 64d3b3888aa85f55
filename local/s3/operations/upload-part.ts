import { readBodyRules } from '../body/body-rules.ts';
import { receiveBody } from '../body/receive-body.ts';
import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import type { ChecksumAlgorithm, Part, Upload } from '../store/records.ts';
import { findUpload, putPart } from '../store/uploads.ts';
import { wholeSeconds } from '../store/write.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { readPartNumber } from './part-number.ts';

/** Bytes of one part (5 GiB). Source: Amazon S3 user guide, "Multipart upload limits". */
const PART_MAX_BYTES = 5 * 1024 ** 3;

/** UploadPart: the whole body as declared takes its place in an open upload, also that of an earlier part; or nothing is stored. */
export const uploadPart: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  const number = readPartNumber(call.query.get('partNumber'));
  const open = findUpload(call.store, call.bucket, call.key, call.query.get('uploadId') ?? '');
  const { upload } = open.state;
  const rules = readBodyRules(call, PART_MAX_BYTES, upload.checksum.algorithm);
  checkAlgorithm(upload, rules.checksum.value === null && !rules.checksum.trailing ? null : rules.checksum.algorithm);
  const { file, size, etag, checksum, given } = await receiveBody(call, rules, upload.checksum.algorithm);
  try {
    await putPart(call.store, call.bucket, open, {
      number,
      size,
      etag,
      file,
      checksum,
      ...(given && given.algorithm !== checksum.algorithm ? { given } : {}),
      lastModified: wholeSeconds(call.now()),
    });
  } catch (error) {
    await call.store.files.remove(file);
    throw error;
  }
  return {
    status: 200,
    headers: {
      etag: `"${etag}"`,
      'x-amz-server-side-encryption': 'AES256',
      ...partChecksumHeader({ checksum, ...(given ? { given } : {}) }),
    },
  };
};

function partChecksumHeader({ checksum, given = checksum }: Pick<Part, 'checksum' | 'given'>): Record<string, string> {
  return { [`x-amz-checksum-${given.algorithm}`]: given.value };
}

/** A part brings the checksum its upload was begun with, and must where that is composite; where none was, it may bring any. */
function checkAlgorithm({ checksum }: Upload, given: ChecksumAlgorithm | null): void {
  if (!checksum.declared || given === checksum.algorithm) return;
  if (given === null && checksum.type === 'FULL_OBJECT') return;
  throw fault('InvalidRequest', {
    message: `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm}, actual checksum Type: ${given}`,
  });
}
