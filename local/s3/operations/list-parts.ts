import { type Operation, XML_TYPE } from '../http/call.ts';
import type { Part, Upload } from '../store/records.ts';
import { findUpload } from '../store/uploads.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { abortHeaders } from './abort-headers.ts';
import { checksumElement } from './checksum-element.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { readCount } from './list-page.ts';

/** Parts of one answer. Source: Amazon S3 API reference, ListParts. */
const MAX_PARTS = 1_000;

/** ListParts: the parts of an open upload by number, at most 1,000 a page. */
export const listParts: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:ListMultipartUploadParts', call.key);
  const maxParts = Math.min(readCount(call.query, 'max-parts', MAX_PARTS), MAX_PARTS);
  const marker = readCount(call.query, 'part-number-marker', 0);
  const { upload, parts } = findUpload(call.store, call.bucket, call.key, call.query.get('uploadId') ?? '').state;
  const after = [...parts.values()].filter(({ number }) => number > marker).sort((a, b) => a.number - b.number);
  const page = after.slice(0, maxParts);
  const last = page.at(-1);
  return {
    status: 200,
    headers: { ...XML_TYPE, ...abortHeaders(bucket.record, upload) },
    body: xmlDocument(
      'ListPartsResult',
      leaf('Bucket', call.bucket),
      leaf('Key', call.key),
      leaf('UploadId', upload.id),
      branch('Initiator', leaf('ID', upload.initiator), leaf('DisplayName', upload.initiator)),
      branch('Owner', leaf('ID', call.account)),
      leaf('StorageClass', 'STANDARD'),
      leaf('PartNumberMarker', marker),
      ...(last ? [leaf('NextPartNumberMarker', last.number)] : []),
      leaf('MaxParts', maxParts),
      leaf('IsTruncated', page.length > 0 && page.length < after.length),
      ...(upload.checksum.declared
        ? [
            leaf('ChecksumAlgorithm', upload.checksum.algorithm.toUpperCase()),
            leaf('ChecksumType', upload.checksum.type),
          ]
        : []),
      ...page.map((part) => partElement(upload, part)),
    ),
  };
};

function partElement({ checksum: { declared } }: Upload, part: Part): string {
  return branch(
    'Part',
    leaf('PartNumber', part.number),
    leaf('LastModified', new Date(part.lastModified).toISOString()),
    leaf('ETag', `"${part.etag}"`),
    leaf('Size', part.size),
    ...(declared ? [checksumElement(part.checksum)] : []),
  );
}
