import { type Operation, XML_TYPE } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findTagged } from './find-tagged.ts';
import { versionHeader } from './object-headers.ts';
import { tagDocument } from './tags.ts';

/** GetObjectTagging: the tags of a version; an empty set when there are none. */
export const getObjectTagging: Operation = async (call) => {
  const version = findTagged(call, 'Get');
  return {
    status: 200,
    headers: { ...XML_TYPE, ...versionHeader(version.versionId, findBucket(call).record.versioning) },
    body: tagDocument(version.tags ?? []),
  };
};
