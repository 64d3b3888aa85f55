import { readXmlBody, requireDigest } from '../body/read-xml-body.ts';
import { fault, notImplemented } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import type { LifecycleRule } from '../options.ts';
import { nodes, parseXml, texts, type XmlNode } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** Rules of one bucket. Source: Amazon S3 API reference, PutBucketLifecycleConfiguration. */
const RULES_MAX = 1_000;
const ID_MAX = 255;
/** What a rule may say besides its actions. */
const FRAME: ReadonlySet<string> = new Set(['ID', 'Status', 'Filter', 'Prefix', '#text']);

/** PutBucketLifecycleConfiguration: the new rules take the place of the old; what is not acted on here is refused. */
export const putBucketLifecycle: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutLifecycleConfiguration');
  requireDigest(call);
  const lifecycle = nodes(parseXml(await readXmlBody(call), 'LifecycleConfiguration'), 'Rule').map(readRule);
  if (lifecycle.length === 0 || lifecycle.length > RULES_MAX) throw fault('MalformedXML');
  if (new Set(lifecycle.map(({ id }) => id)).size < lifecycle.length) {
    throw fault('InvalidArgument', { message: 'Rule ID must be unique. Found same ID for more than one rule' });
  }
  await call.store.commit([{ op: 'bucket', bucket: { ...findBucket(call).record, lifecycle } }]);
  return { status: 200, headers: {} };
};

function readRule(node: XmlNode, at: number): LifecycleRule {
  const [id = `rule-${at + 1}`] = texts(node, 'ID');
  const [status] = texts(node, 'Status');
  if (status !== 'Enabled' && status !== 'Disabled') throw fault('MalformedXML');
  if (id.length > ID_MAX) {
    throw fault('InvalidArgument', { message: `ID length should not exceed allowed limit of ${ID_MAX}` });
  }
  const [abort] = nodes(node, 'AbortIncompleteMultipartUpload');
  const [expiration] = nodes(node, 'Expiration');
  const [noncurrent] = nodes(node, 'NoncurrentVersionExpiration');
  for (const name of Object.keys(node)) {
    if (FRAME.has(name)) continue;
    if (!['AbortIncompleteMultipartUpload', 'Expiration', 'NoncurrentVersionExpiration'].includes(name)) {
      throw notImplemented(`${name} in a lifecycle rule`);
    }
  }
  if (!abort && !expiration && !noncurrent) {
    throw fault('InvalidRequest', { message: 'At least one action needs to be specified in a rule' });
  }
  return {
    id,
    enabled: status === 'Enabled',
    prefix: readPrefix(node),
    abortIncompleteDays: readDays(abort, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload'),
    expirationDays: readDays(expiration, 'Days', 'Expiration', ['ExpiredObjectDeleteMarker']),
    noncurrentDays: readDays(noncurrent, 'NoncurrentDays', 'NoncurrentVersionExpiration'),
    loneDeleteMarkers: texts(expiration ?? {}, 'ExpiredObjectDeleteMarker')[0] === 'true',
  };
}

/** A rule is for keys with this prefix; by tags or sizes it would be for fewer than it says, so that is refused. */
function readPrefix(node: XmlNode): string {
  const [filter] = nodes(node, 'Filter');
  const inside = filter ? (nodes(filter, 'And')[0] ?? filter) : node;
  const others = filter ? Object.keys(inside).filter((name) => name !== 'Prefix' && name !== '#text') : [];
  if (others.length > 0) throw notImplemented(`${others.join(', ')} in a lifecycle filter`);
  return texts(inside, 'Prefix')[0] ?? '';
}

function readDays(
  node: XmlNode | undefined,
  name: string,
  action: string,
  beside: readonly string[] = [],
): number | null {
  if (!node) return null;
  const others = Object.keys(node).filter((other) => ![name, '#text', ...beside].includes(other));
  if (others.length > 0) throw notImplemented(`${others.join(', ')} in a lifecycle rule`);
  const [text] = texts(node, name);
  if (text === undefined && beside.some((other) => node[other] !== undefined)) return null;
  if (text === undefined) throw fault('MalformedXML');
  if (!/^\d{1,9}$/.test(text) || Number(text) < 1) {
    throw fault('InvalidArgument', { message: `'${name}' for ${action} action must be a positive integer` });
  }
  return Number(text);
}
