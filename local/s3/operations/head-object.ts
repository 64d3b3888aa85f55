import type { Operation } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findVersion } from './find-version.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import { checkReadConditions } from './read-conditions.ts';
import { readSpan } from './read-span.ts';

/** HeadObject: what GetObject would say, without the bytes. */
export const headObject: Operation = async (call) => {
  const version = findVersion(call);
  const headers = objectHeaders(call, version, findBucket(call).record.versioning);
  checkReadConditions(call.header, version, headers);
  const span = readSpan(call, version);
  if (span) {
    const { start, end } = span;
    return {
      status: 206,
      headers: {
        ...headers,
        ...span.headers,
        ...checksumHeaders(call, span),
        'content-length': String(end - start + 1),
      },
    };
  }
  return {
    status: 200,
    headers: { ...headers, ...checksumHeaders(call, version), 'content-length': String(version.size) },
  };
};
