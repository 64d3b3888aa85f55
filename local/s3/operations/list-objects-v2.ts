import type { Call, Operation } from '../http/call.ts';
import { XML_TYPE } from '../http/call.ts';
import type { ObjectVersion } from '../store/records.ts';
import { type BucketState, sortedKeys } from '../store/state.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument, listKeys, readListQuery } from './list-page.ts';
import { checksumType } from './object-headers.ts';

/** ListObjectsV2: current objects in the order of their keys, at most 1,000 a page. */
export const listObjectsV2: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:ListBucket');
  const query = readListQuery(call);
  const token = call.query.get('continuation-token');
  const startAfter = call.query.get('start-after');
  const after = token === undefined ? (startAfter ?? '') : readToken(token);
  const contents: string[] = [];
  const prefixes: string[] = [];
  let last = '';
  let truncated = false;
  for (const item of listKeys(sortedKeys(bucket), query, after)) {
    const object = 'key' in item ? currentObject(bucket, item.key) : undefined;
    if ('key' in item ? !object : !hasCurrentBelow(bucket, item.commonPrefix)) continue;
    if (contents.length + prefixes.length >= query.maxKeys) {
      truncated = query.maxKeys > 0;
      break;
    }
    if ('commonPrefix' in item) {
      prefixes.push(branch('CommonPrefixes', leaf('Prefix', query.encode(item.commonPrefix))));
      last = item.commonPrefix;
    } else if (object) {
      contents.push(contentsOf(call, query.encode(item.key), object));
      last = item.key;
    }
  }
  return {
    status: 200,
    headers: { ...XML_TYPE, 'x-amz-bucket-region': call.region },
    body: xmlDocument(
      'ListBucketResult',
      leaf('Name', call.bucket),
      leaf('Prefix', query.encode(query.prefix)),
      ...(query.delimiter === '' ? [] : [leaf('Delimiter', query.encode(query.delimiter))]),
      leaf('MaxKeys', query.maxKeys),
      ...(query.encodingType === undefined ? [] : [leaf('EncodingType', query.encodingType)]),
      leaf('KeyCount', contents.length + prefixes.length),
      leaf('IsTruncated', truncated),
      ...(token === undefined ? [] : [leaf('ContinuationToken', token)]),
      ...(truncated ? [leaf('NextContinuationToken', Buffer.from(last).toString('base64'))] : []),
      ...(startAfter === undefined ? [] : [leaf('StartAfter', query.encode(startAfter))]),
      ...contents,
      ...prefixes,
    ),
  };
};

function contentsOf(call: Call, key: string, object: ObjectVersion): string {
  return branch(
    'Contents',
    leaf('Key', key),
    leaf('LastModified', new Date(object.lastModified).toISOString()),
    leaf('ETag', `"${object.etag}"`),
    leaf('ChecksumAlgorithm', object.checksum.algorithm.toUpperCase()),
    leaf('ChecksumType', checksumType(object.checksum)),
    leaf('Size', object.size),
    ...(call.query.get('fetch-owner') === 'true' ? [branch('Owner', leaf('ID', call.account))] : []),
    leaf('StorageClass', 'STANDARD'),
  );
}

function currentObject(bucket: BucketState, key: string): ObjectVersion | undefined {
  const version = bucket.keys.get(key)?.[0];
  return version?.kind === 'object' ? version : undefined;
}

/** A common prefix counts only when something below it is not deleted. */
function hasCurrentBelow(bucket: BucketState, prefix: string): boolean {
  const all = { prefix, delimiter: '', maxKeys: 0, encode: (text: string) => text, encodingType: undefined };
  for (const item of listKeys(sortedKeys(bucket), all, '')) {
    if ('key' in item && currentObject(bucket, item.key)) return true;
  }
  return false;
}

function readToken(token: string): string {
  const bytes = Buffer.from(token, 'base64');
  if (token === '' || bytes.toString('base64') !== token) {
    throw argument('continuation-token', token, 'The continuation token provided is incorrect');
  }
  return bytes.toString('utf8');
}
