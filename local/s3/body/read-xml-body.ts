import { createHash } from 'node:crypto';
import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import { CHECKSUM_ALGORITHMS } from '../store/records.ts';
import { readBodyRules } from './body-rules.ts';
import { createHasher } from './checksum.ts';
import { readRequest } from './read-request.ts';

/** Largest XML body taken, in bytes. */
const XML_MAX_BYTES = 65_536;

/** The body of a call that carries XML: bounded, checked against its signed hash, MD5 and checksum. */
export async function readXmlBody(call: Call, maxBytes = XML_MAX_BYTES): Promise<string> {
  const rules = readBodyRules(call, maxBytes);
  if (rules.chunked) throw fault('InvalidRequest', { message: 'A configuration cannot be sent in signed chunks.' });
  if (rules.size === 0) return '';
  call.askForBody();
  const chunks: Buffer[] = [];
  for await (const chunk of readRequest(call.request, call.bodyIdleMs)) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (rules.sha256 !== null && createHash('sha256').update(body).digest('hex') !== rules.sha256) {
    throw fault('XAmzContentSHA256Mismatch');
  }
  if (rules.md5 !== null && createHash('md5').update(body).digest('base64') !== rules.md5) throw fault('BadDigest');
  const hasher = createHasher(rules.checksum.algorithm);
  hasher.update(body);
  const computed = (await hasher.digest()).toString('base64');
  if (rules.checksum.value !== null && rules.checksum.value !== computed) throw fault('BadDigest');
  return body.toString('utf8');
}

/** InvalidRequest unless the body comes with an MD5 or a checksum, as S3 wants it for what deletes. */
export function requireDigest({ header }: Pick<Call, 'header'>): void {
  const given = ['content-md5', ...CHECKSUM_ALGORITHMS.map((algorithm) => `x-amz-checksum-${algorithm}`)];
  if (given.some((name) => header(name) !== undefined)) return;
  throw fault('InvalidRequest', {
    message: 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
  });
}
