import { readXmlBody } from '../body/read-xml-body.ts';
import type { Operation } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findTagged } from './find-tagged.ts';
import { versionHeader } from './object-headers.ts';
import { readTagDocument } from './tags.ts';

/** PutObjectTagging: the new set takes the place of the old. */
export const putObjectTagging: Operation = async (call) => {
  findTagged(call, 'Put');
  const tags = readTagDocument(await readXmlBody(call));
  const { versionId } = findTagged(call, 'Put');
  await call.store.commit([{ op: 'tags', bucket: call.bucket, key: call.key, versionId, tags }]);
  return { status: 200, headers: versionHeader(versionId, findBucket(call).record.versioning) };
};
