import { type Operation, XML_TYPE } from '../http/call.ts';
import { escapeXml, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketLocation: the Region's name; nothing for us-east-1, as ever. */
export const getBucketLocation: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:GetBucketLocation');
  const name = call.region === 'us-east-1' ? '' : escapeXml(call.region);
  return { status: 200, headers: XML_TYPE, body: xmlDocument('LocationConstraint', name) };
};
