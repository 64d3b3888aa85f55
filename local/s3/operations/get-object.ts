import type { FileHandle } from 'node:fs/promises';
import type { Call, Operation, Reply } from '../http/call.ts';
import { isMissing } from '../store/files.ts';
import type { ObjectVersion } from '../store/records.ts';
import { findBucket } from './find-bucket.ts';
import { findVersion } from './find-version.ts';
import { checksumHeaders, objectHeaders } from './object-headers.ts';
import { parseRange } from './parse-range.ts';
import { checkReadConditions } from './read-conditions.ts';

/** GetObject: the bytes, whole or one range of them. */
export const getObject: Operation = async (call) => {
  const version = findVersion(call);
  const headers = objectHeaders(call, version, findBucket(call).record.versioning);
  checkReadConditions(call.header, version, headers);
  const range = parseRange(call.header('range'), version.size);
  if (version.size === 0) return { status: 200, headers: { ...headers, ...checksumHeaders(call, version) }, body: '' };
  const file = await openData(call, version);
  return range
    ? partial(file, version, headers, range)
    : {
        status: 200,
        headers: { ...headers, ...checksumHeaders(call, version) },
        body: { file, start: 0, end: version.size - 1 },
      };
};

function partial(
  file: FileHandle,
  { size }: ObjectVersion,
  headers: Record<string, string>,
  { start, end }: { readonly start: number; readonly end: number },
): Reply {
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${start}-${end}/${size}` },
    body: { file, start, end },
  };
}

/** Where versions are not kept, the file can be replaced between looking it up and opening it: then the answer is as if asked a moment later. */
async function openData(call: Call, version: ObjectVersion): Promise<FileHandle> {
  try {
    return await call.store.files.open(version.file);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const again = findVersion(call);
    if (again.file === version.file || again.size !== version.size || again.etag !== version.etag) throw error;
    return call.store.files.open(again.file);
  }
}
