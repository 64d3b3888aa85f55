import { readXmlBody } from '../body/read-xml-body.ts';
import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import { parseXml, texts } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** PutBucketVersioning: on, or suspended; never off again. */
export const putBucketVersioning: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutBucketVersioning');
  const [status] = texts(parseXml(await readXmlBody(call), 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw fault('MalformedXML');
  const { record } = findBucket(call);
  const versioning = status === 'Enabled' ? 'enabled' : 'suspended';
  await call.store.commit([{ op: 'bucket', bucket: { ...record, versioning } }]);
  return { status: 200, headers: {} };
};
