import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import type { Version } from '../store/records.ts';
import { sortedKeys } from '../store/state.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument, type ListQuery, listKeys, readListQuery } from './list-page.ts';
import { checksumType } from './object-headers.ts';

/** ListObjectVersions: every version and marker, newest first within a key. */
export const listObjectVersions: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:ListBucketVersions');
  const query = readListQuery(call);
  const keyMarker = call.query.get('key-marker') ?? '';
  const versionMarker = call.query.get('version-id-marker') ?? '';
  if (versionMarker !== '' && keyMarker === '') {
    throw argument('version-id-marker', versionMarker, 'A version-id marker cannot be specified without a key marker.');
  }
  const page: string[] = [];
  let last = { key: '', versionId: '' };
  let truncated = false;
  const items = rest(bucket.keys.get(keyMarker), keyMarker, versionMarker);
  for (const item of listKeys(sortedKeys(bucket), query, keyMarker)) {
    if ('commonPrefix' in item) items.push({ prefix: item.commonPrefix });
    else
      for (const [at, version] of (bucket.keys.get(item.key) ?? []).entries())
        items.push({ key: item.key, version, latest: at === 0 });
    if (items.length > query.maxKeys) break;
  }
  for (const item of items) {
    if (page.length >= query.maxKeys) {
      truncated = query.maxKeys > 0;
      break;
    }
    if ('prefix' in item) {
      page.push(branch('CommonPrefixes', leaf('Prefix', query.encode(item.prefix))));
      last = { key: item.prefix, versionId: '' };
    } else {
      page.push(versionOf(call, query, item));
      last = { key: item.key, versionId: item.version.versionId };
    }
  }
  return {
    status: 200,
    headers: XML_TYPE,
    body: xmlDocument(
      'ListVersionsResult',
      leaf('Name', call.bucket),
      leaf('Prefix', query.encode(query.prefix)),
      leaf('KeyMarker', query.encode(keyMarker)),
      leaf('VersionIdMarker', versionMarker),
      ...(query.delimiter === '' ? [] : [leaf('Delimiter', query.encode(query.delimiter))]),
      leaf('MaxKeys', query.maxKeys),
      ...(query.encodingType === undefined ? [] : [leaf('EncodingType', query.encodingType)]),
      leaf('IsTruncated', truncated),
      ...(truncated ? [leaf('NextKeyMarker', query.encode(last.key))] : []),
      ...(truncated && last.versionId !== '' ? [leaf('NextVersionIdMarker', last.versionId)] : []),
      ...page,
    ),
  };
};

type Item = { readonly key: string; readonly version: Version; readonly latest: boolean } | { readonly prefix: string };

/** The older versions of the key a page ended in. */
function rest(versions: readonly Version[] | undefined, key: string, marker: string): Item[] {
  const at = marker === '' ? -1 : (versions?.findIndex(({ versionId }) => versionId === marker) ?? -1);
  return at < 0 ? [] : (versions ?? []).slice(at + 1).map((version) => ({ key, version, latest: false }));
}

function versionOf(call: Call, { encode }: ListQuery, item: Extract<Item, { key: string }>): string {
  const { key, version, latest } = item;
  const common = [
    leaf('Key', encode(key)),
    leaf('VersionId', version.versionId),
    leaf('IsLatest', latest),
    leaf('LastModified', new Date(version.lastModified).toISOString()),
  ];
  const owner = branch('Owner', leaf('ID', call.account));
  if (version.kind === 'marker') return branch('DeleteMarker', ...common, owner);
  return branch(
    'Version',
    ...common,
    leaf('ETag', `"${version.etag}"`),
    leaf('ChecksumAlgorithm', version.checksum.algorithm.toUpperCase()),
    leaf('ChecksumType', checksumType(version.checksum)),
    leaf('Size', version.size),
    owner,
    leaf('StorageClass', 'STANDARD'),
  );
}
