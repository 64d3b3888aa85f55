import type { Operation } from '../http/call.ts';
import { findBucket } from './find-bucket.ts';
import { findVersion } from './find-version.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import { parseRange } from './parse-range.ts';
import { checkReadConditions } from './read-conditions.ts';

/** HeadObject: what GetObject would say, without the bytes. */
export const headObject: Operation = async (call) => {
  const version = findVersion(call);
  const headers = objectHeaders(call, version, findBucket(call).record.versioning);
  checkReadConditions(call.header, version, headers);
  const range = parseRange(call.header('range'), version.size);
  if (range) {
    const { start, end } = range;
    return {
      status: 206,
      headers: {
        ...headers,
        'content-length': String(end - start + 1),
        'content-range': `bytes ${start}-${end}/${version.size}`,
      },
    };
  }
  return {
    status: 200,
    headers: { ...headers, ...checksumHeaders(call, version), 'content-length': String(version.size) },
  };
};
