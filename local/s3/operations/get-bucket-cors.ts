import { fault } from '../errors.ts';
import { type Operation, XML_TYPE } from '../http/call.ts';
import { branch, leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** GetBucketCors: the rules as they were put. */
export const getBucketCors: Operation = async (call) => {
  const { cors } = findBucket(call).record;
  requireMay(call, 's3:GetBucketCORS');
  if (cors.length === 0) throw fault('NoSuchCORSConfiguration', { details: { BucketName: call.bucket } });
  const all = (name: string, values: readonly string[]): string => values.map((value) => leaf(name, value)).join('');
  const rules = cors.map((rule) =>
    branch(
      'CORSRule',
      all('AllowedOrigin', rule.allowedOrigins),
      all('AllowedMethod', rule.allowedMethods),
      all('AllowedHeader', rule.allowedHeaders),
      all('ExposeHeader', rule.exposedHeaders),
      rule.maxAgeSeconds === null ? '' : leaf('MaxAgeSeconds', rule.maxAgeSeconds),
    ),
  );
  return { status: 200, headers: XML_TYPE, body: xmlDocument('CORSConfiguration', ...rules) };
};
