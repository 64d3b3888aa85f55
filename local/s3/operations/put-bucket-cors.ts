import { readXmlBody } from '../body/read-xml-body.ts';
import { fault } from '../errors.ts';
import type { Operation } from '../http/call.ts';
import type { CorsRule } from '../options.ts';
import { nodes, parseXml, texts, type XmlNode } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';

/** Rules of one bucket. Source: Amazon S3 user guide, CORS configuration. */
const RULES_MAX = 100;
const METHODS: ReadonlySet<string> = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE']);

/** PutBucketCors: the new rules take the place of the old. */
export const putBucketCors: Operation = async (call) => {
  findBucket(call);
  requireMay(call, 's3:PutBucketCORS');
  const rules = nodes(parseXml(await readXmlBody(call), 'CORSConfiguration'), 'CORSRule').map(readRule);
  if (rules.length === 0 || rules.length > RULES_MAX) throw fault('MalformedXML');
  await call.store.commit([{ op: 'bucket', bucket: { ...findBucket(call).record, cors: rules } }]);
  return { status: 200, headers: {} };
};

function readRule(node: XmlNode): CorsRule {
  const allowedOrigins = texts(node, 'AllowedOrigin');
  const allowedMethods = texts(node, 'AllowedMethod');
  const allowedHeaders = texts(node, 'AllowedHeader');
  const [maxAge] = texts(node, 'MaxAgeSeconds');
  if (allowedOrigins.length === 0 || allowedMethods.length === 0) throw fault('MalformedXML');
  const method = allowedMethods.find((name) => !METHODS.has(name));
  if (method !== undefined) {
    throw fault('InvalidRequest', {
      message: `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`,
    });
  }
  const starred = [...allowedOrigins, ...allowedHeaders].find((pattern) => pattern.split('*').length > 2);
  if (starred !== undefined) {
    throw fault('InvalidRequest', { message: `AllowedOrigin "${starred}" can not have more than one wildcard.` });
  }
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw fault('MalformedXML');
  return {
    allowedOrigins,
    allowedMethods,
    allowedHeaders,
    exposedHeaders: texts(node, 'ExposeHeader'),
    maxAgeSeconds: maxAge === undefined ? null : Number(maxAge),
  };
}
