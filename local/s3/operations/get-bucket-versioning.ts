import { type Operation, XML_TYPE } from '../http/call.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketVersioning: no Status when it never was on. */
export const getBucketVersioning: Operation = async (call) => {
  const { versioning } = findBucket(call).record;
  requireMay(call, 's3:GetBucketVersioning');
  const status = { off: '', enabled: leaf('Status', 'Enabled'), suspended: leaf('Status', 'Suspended') }[versioning];
  return { status: 200, headers: XML_TYPE, body: xmlDocument('VersioningConfiguration', status) };
};
