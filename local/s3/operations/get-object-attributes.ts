import { fault } from '../errors.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import type { ObjectVersion } from '../store/records.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { checksumElement } from './checksum-element.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { findVersion } from './find-version.ts';
import { argument, readCount } from './list-page.ts';
import { checksumType, versionHeader } from './object-headers.ts';

const MAX_PARTS = 1_000;

const ATTRIBUTES: Readonly<Record<string, (call: Call, version: ObjectVersion) => string>> = {
  ETag: (_, { etag }) => leaf('ETag', etag),
  Checksum: (_, { checksum }) =>
    branch(
      'Checksum',
      checksumElement({ ...checksum, value: checksum.value.replace(/-\d+$/, '') }),
      leaf('ChecksumType', checksumType(checksum)),
    ),
  ObjectParts: objectParts,
  StorageClass: () => leaf('StorageClass', 'STANDARD'),
  ObjectSize: (_, { size }) => leaf('ObjectSize', size),
};

/** GetObjectAttributes: the asked facts of an object, of its parts at most 1,000 a page. */
export const getObjectAttributes: Operation = async (call) => {
  const bucket = findBucket(call);
  const versionId = call.query.get('versionId');
  requireMay(call, versionId === undefined ? 's3:GetObjectAttributes' : 's3:GetObjectVersionAttributes', call.key);
  const asked = (call.header('x-amz-object-attributes') ?? '').split(',').map((name) => name.trim());
  const version = findVersion(call);
  const unknown = asked.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown !== undefined) {
    throw argument('x-amz-object-attributes', unknown, 'Invalid attribute name specified.');
  }
  return {
    status: 200,
    headers: {
      ...XML_TYPE,
      'last-modified': new Date(version.lastModified).toUTCString(),
      ...versionHeader(version.versionId, bucket.record.versioning),
    },
    body: xmlDocument(
      'GetObjectAttributesResponse',
      ...Object.entries(ATTRIBUTES).map(([name, write]) => (asked.includes(name) ? write(call, version) : '')),
    ),
  };
};

/** Only their number where the object's checksum is not made of theirs. Source: Amazon S3 API reference, GetObjectAttributes. */
function objectParts({ header }: Call, { multipart, checksum: whole }: ObjectVersion): string {
  if (!multipart) return '';
  const count = leaf('PartsCount', multipart.parts.length);
  if (!whole.composite) return branch('ObjectParts', count);
  const query = new Map(
    [
      ['max-parts', header('x-amz-max-parts')],
      ['part-number-marker', header('x-amz-part-number-marker')],
    ].flatMap(([name, value]) => (name === undefined || value === undefined ? [] : [[name, value] as const])),
  );
  const maxParts = Math.min(readCount(query, 'max-parts', MAX_PARTS), MAX_PARTS);
  if (maxParts === 0) throw fault('InvalidArgument', { details: { ArgumentName: 'x-amz-max-parts' } });
  const marker = readCount(query, 'part-number-marker', 0);
  const after = multipart.parts.filter(({ number }) => number > marker);
  const page = after.slice(0, maxParts);
  return branch(
    'ObjectParts',
    count,
    leaf('PartNumberMarker', marker),
    leaf('NextPartNumberMarker', page.at(-1)?.number ?? 0),
    leaf('MaxParts', maxParts),
    leaf('IsTruncated', page.length < after.length),
    ...page.map(({ number, size, checksum }) =>
      branch('Part', leaf('PartNumber', number), leaf('Size', size), checksumElement(checksum)),
    ),
  );
}
