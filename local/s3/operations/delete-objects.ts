import { readXmlBody, requireDigest } from '../body/read-xml-body.ts';
import { fault, S3Error } from '../errors.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import { currentVersion, deleteCurrent, deleteVersion } from '../store/write.ts';
import { branch, leaf, nodes, parseXml, texts, type XmlNode, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { versionById } from './find-version.ts';
import { matchesEtag } from './read-conditions.ts';

/** Keys of one request, and bytes of its document. Source: Amazon S3 API reference, DeleteObjects. */
const OBJECTS_MAX = 1_000;
const BODY_MAX_BYTES = 2 * 1024 ** 2;

interface Wish {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly etag: string | undefined;
}

/** DeleteObjects: each of up to 1,000 keys or versions by itself, with its own result. */
export const deleteObjects: Operation = async (call) => {
  findBucket(call);
  requireDigest(call);
  const root = parseXml(await readXmlBody(call, BODY_MAX_BYTES), 'Delete');
  const wishes = nodes(root, 'Object').map(readWish);
  if (wishes.length === 0 || wishes.length > OBJECTS_MAX) throw fault('MalformedXML');
  const quiet = texts(root, 'Quiet')[0] === 'true';
  const results: string[] = [];
  for (const wish of wishes) {
    try {
      const deleted = await deleteOne({ ...call, key: wish.key }, wish);
      if (!quiet) results.push(branch('Deleted', leaf('Key', wish.key), ...deleted));
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      results.push(errorOf(wish, error));
    }
  }
  return { status: 200, headers: XML_TYPE, body: xmlDocument('DeleteResult', ...results) };
};

function readWish(node: XmlNode): Wish {
  const [key] = texts(node, 'Key');
  if (key === undefined || key === '') throw fault('MalformedXML');
  return { key, versionId: texts(node, 'VersionId')[0], etag: texts(node, 'ETag')[0] };
}

async function deleteOne(call: Call, { key, versionId, etag }: Wish): Promise<string[]> {
  const current = currentVersion(call.store, call.bucket, key);
  if (etag !== undefined && !(current?.kind === 'object' && matchesEtag(etag, current.etag))) {
    throw fault('PreconditionFailed', { details: { Condition: 'If-Match' } });
  }
  if (versionId === undefined) {
    requireMay(call, 's3:DeleteObject', key);
    const marker = await deleteCurrent(call);
    return marker ? [leaf('DeleteMarker', true), leaf('DeleteMarkerVersionId', marker.versionId)] : [];
  }
  requireMay(call, 's3:DeleteObjectVersion', key);
  versionById(call, versionId);
  const removed = await deleteVersion(call, versionId);
  return [
    leaf('VersionId', versionId),
    ...(removed?.kind === 'marker' ? [leaf('DeleteMarker', true), leaf('DeleteMarkerVersionId', versionId)] : []),
  ];
}

function errorOf({ key, versionId }: Wish, { code, message }: S3Error): string {
  return branch(
    'Error',
    leaf('Key', key),
    ...(versionId === undefined ? [] : [leaf('VersionId', versionId)]),
    leaf('Code', code),
    leaf('Message', message),
  );
}
