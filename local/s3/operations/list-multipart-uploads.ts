import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import type { Upload } from '../store/records.ts';
import { compareUtf8 } from '../store/state.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { type ListQuery, readListQuery } from './list-page.ts';

type Item = { readonly upload: Upload } | { readonly prefix: string };

/** ListMultipartUploads: open uploads by key, those of one key in the order they were begun, at most 1,000 a page. */
export const listMultipartUploads: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:ListBucketMultipartUploads');
  const query = readListQuery(call, 'max-uploads');
  const keyMarker = call.query.get('key-marker') ?? '';
  const idMarker = keyMarker === '' ? '' : (call.query.get('upload-id-marker') ?? '');
  const uploads = [...bucket.uploads.values()]
    .map(({ upload }) => upload)
    .filter((upload) => upload.key.startsWith(query.prefix) && isAfter(upload, keyMarker, idMarker))
    .sort((a, b) => compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id));
  const items = rollUp(uploads, query, keyMarker);
  const page = items.slice(0, query.maxKeys);
  const truncated = page.length > 0 && page.length < items.length;
  return {
    status: 200,
    headers: XML_TYPE,
    body: xmlDocument(
      'ListMultipartUploadsResult',
      leaf('Bucket', call.bucket),
      leaf('KeyMarker', query.encode(keyMarker)),
      leaf('UploadIdMarker', idMarker),
      ...(truncated ? nextMarkers(page.at(-1), query) : []),
      leaf('Prefix', query.encode(query.prefix)),
      ...(query.delimiter === '' ? [] : [leaf('Delimiter', query.encode(query.delimiter))]),
      ...(query.encodingType === undefined ? [] : [leaf('EncodingType', query.encodingType)]),
      leaf('MaxUploads', query.maxKeys),
      leaf('IsTruncated', truncated),
      ...page.map((item) =>
        'prefix' in item
          ? branch('CommonPrefixes', leaf('Prefix', query.encode(item.prefix)))
          : uploadElement(call, query, item.upload),
      ),
    ),
  };
};

/** Behind the key marker; of the same key only with a greater id, and only where an id is given. */
function isAfter({ key, id }: Upload, keyMarker: string, idMarker: string): boolean {
  const order = compareUtf8(key, keyMarker);
  return order > 0 || (order === 0 && idMarker !== '' && compareUtf8(id, idMarker) > 0);
}

function rollUp(uploads: readonly Upload[], { prefix, delimiter }: ListQuery, keyMarker: string): Item[] {
  if (delimiter === '') return uploads.map((upload) => ({ upload }));
  const items: Item[] = [];
  let last = '';
  for (const upload of uploads) {
    const cut = upload.key.indexOf(delimiter, prefix.length);
    if (cut < 0) items.push({ upload });
    else {
      const common = upload.key.slice(0, cut + delimiter.length);
      if (common !== last && common !== keyMarker) items.push({ prefix: common });
      last = common;
    }
  }
  return items;
}

function nextMarkers(item: Item | undefined, { encode }: ListQuery): string[] {
  if (!item) return [];
  if ('prefix' in item) return [leaf('NextKeyMarker', encode(item.prefix))];
  return [leaf('NextKeyMarker', encode(item.upload.key)), leaf('NextUploadIdMarker', item.upload.id)];
}

function uploadElement(call: Call, { encode }: ListQuery, { key, id, checksum, ...upload }: Upload): string {
  return branch(
    'Upload',
    leaf('Key', encode(key)),
    leaf('UploadId', id),
    branch('Initiator', leaf('ID', upload.initiator), leaf('DisplayName', upload.initiator)),
    branch('Owner', leaf('ID', call.account)),
    leaf('StorageClass', 'STANDARD'),
    leaf('Initiated', new Date(upload.initiatedAt).toISOString()),
    ...(checksum.declared
      ? [leaf('ChecksumAlgorithm', checksum.algorithm.toUpperCase()), leaf('ChecksumType', checksum.type)]
      : []),
  );
}
