import { bytesOf } from '../http/byte-source.ts';
import type { Operation } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findVersion } from './find-version.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import { checkReadConditions } from './read-conditions.ts';
import { readSpan } from './read-span.ts';

/** GetObject: the bytes, whole, one range or one part of them. */
export const getObject: Operation = async (call) => {
  const version = findVersion(call);
  const headers = objectHeaders(call, version, findBucket(call).record.versioning);
  checkReadConditions(call.header, version, headers);
  const span = readSpan(call, version);
  const { files } = call.store;
  if (span) {
    return {
      status: 206,
      headers: { ...headers, ...span.headers, ...checksumHeaders(call, span) },
      body: bytesOf(files, version, span.start, span.end),
    };
  }
  return {
    status: 200,
    headers: { ...headers, ...checksumHeaders(call, version) },
    body: version.size === 0 ? '' : bytesOf(files, version, 0, version.size - 1),
  };
};
