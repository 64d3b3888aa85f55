import { refuseAmzInQuery } from '../body/body-rules.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import { findUpload, putPart } from '../store/uploads.ts';
import { wholeSeconds } from '../store/write.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { checksumElement } from './checksum-element.ts';
import { copyBytes } from './copy-bytes.ts';
import { findCopySource } from './copy-source.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument } from './list-page.ts';
import { readPartNumber } from './part-number.ts';

const RANGE = 'x-amz-copy-source-range';

/** UploadPartCopy: bytes of a version of this Region take the place of a part in an open upload. */
export const uploadPartCopy: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  refuseAmzInQuery(call.query);
  const number = readPartNumber(call.query.get('partNumber'));
  const open = findUpload(call.store, call.bucket, call.key, call.query.get('uploadId') ?? '');
  const source = findCopySource(call);
  const range = readRange(call, source.version.size);
  const { file, ...part } = await copyBytes(call, source.version, open.state.upload.checksum.algorithm, range);
  const lastModified = wholeSeconds(call.now());
  try {
    await putPart(call.store, call.bucket, open, { number, file, ...part, lastModified });
  } catch (error) {
    await call.store.files.remove(file);
    throw error;
  }
  return {
    status: 200,
    headers: {
      ...XML_TYPE,
      'x-amz-server-side-encryption': 'AES256',
      ...(source.versioned ? { 'x-amz-copy-source-version-id': source.version.versionId } : {}),
    },
    body: xmlDocument(
      'CopyPartResult',
      leaf('ETag', `"${part.etag}"`),
      leaf('LastModified', new Date(lastModified).toISOString()),
      checksumElement(part.checksum),
    ),
  };
};

/** The bytes asked for, both ends included; all of them unless said. Source: Amazon S3 API reference, UploadPartCopy. */
function readRange({ header }: Call, size: number): { readonly start: number; readonly end: number } {
  const text = header(RANGE);
  if (text === undefined) return { start: 0, end: size - 1 };
  const [, first, last] = /^bytes=(\d{1,15})-(\d{1,15})$/.exec(text) ?? [];
  const [start, end] = [Number(first), Number(last)];
  if (first === undefined || start > end) {
    throw argument(
      RANGE,
      text,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  }
  if (end >= size) throw argument(RANGE, text, `Range specified is not valid for source object of size: ${size}`);
  return { start, end };
}
