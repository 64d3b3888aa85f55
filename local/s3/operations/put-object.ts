import { readBodyRules } from '../body/body-rules.ts';
import { receiveBody } from '../body/receive-body.ts';
import type { Operation } from '../http/call.ts';
import { putVersion } from '../store/write.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { storedHeaders } from './object-headers.ts';
import { headersOf, readDescription } from './put-object-headers.ts';
import { checkWriteCondition } from './write-condition.ts';

/** Largest object of a single PUT, in bytes (5 GiB). Source: Amazon S3 quotas. */
export const PUT_MAX_BYTES = 5 * 1024 ** 3;

/** PutObject: the whole body as declared becomes the newest version, or nothing is stored. */
export const putObject: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  const description = readDescription(headersOf(call));
  if (description.tags) requireMay(call, 's3:PutObjectTagging', call.key);
  const rules = readBodyRules(call, PUT_MAX_BYTES);
  const condition = checkWriteCondition(call);
  const { given: _, ...received } = await receiveBody(call, rules);
  const target = { ...call, source: { ...call.source, time: call.now() } };
  try {
    const version = await putVersion(target, { ...received, ...description }, condition);
    return { status: 200, headers: storedHeaders(version, bucket.record.versioning) };
  } catch (error) {
    await call.store.files.remove(received.file);
    throw error;
  }
};
