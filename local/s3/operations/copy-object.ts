import { refuseAmzInQuery } from '../body/body-rules.ts';
import { checksumAlgorithm } from '../body/checksum.ts';
import { fault } from '../errors.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import type { ChecksumAlgorithm, Description, ObjectVersion } from '../store/records.ts';
import { putVersion } from '../store/write.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { checksumElement } from './checksum-element.ts';
import { copyBytes } from './copy-bytes.ts';
import { type CopySource, findCopySource } from './copy-source.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument } from './list-page.ts';
import { versionHeader } from './object-headers.ts';
import { headersOf, readDescription } from './put-object-headers.ts';
import { checkWriteCondition } from './write-condition.ts';

/** CopyObject: the bytes of a version of this Region become the newest version of another key. */
export const copyObject: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  refuseAmzInQuery(call.query);
  const source = findCopySource(call);
  const description = describe(call, source);
  if (description.tags) requireMay(call, 's3:PutObjectTagging', call.key);
  const algorithm = readAlgorithm(call, source.version);
  const condition = checkWriteCondition(call);
  const { file, size, etag, checksum } = await copyBytes(call, source.version, algorithm, {
    start: 0,
    end: source.version.size - 1,
  });
  const target = { ...call, source: { ...call.source, time: call.now() } };
  const draft = { file, size, etag, checksum, ...description };
  try {
    const version = await putVersion(target, draft, condition, 'ObjectCreated:Copy');
    return {
      status: 200,
      headers: {
        ...XML_TYPE,
        'x-amz-server-side-encryption': 'AES256',
        ...versionHeader(version.versionId, bucket.record.versioning),
        ...(source.versioned ? { 'x-amz-copy-source-version-id': source.version.versionId } : {}),
      },
      body: xmlDocument(
        'CopyObjectResult',
        leaf('ETag', `"${etag}"`),
        leaf('LastModified', new Date(version.lastModified).toISOString()),
        checksumElement(checksum),
        leaf('ChecksumType', 'FULL_OBJECT'),
      ),
    };
  } catch (error) {
    await call.store.files.remove(file);
    throw error;
  }
};

/** From the source, or with REPLACE from this request; a copy onto itself has to change something. */
function describe(call: Call, { version, bucket, key }: CopySource): Description {
  const replaced = readDescription(headersOf(call));
  const metadata = directive(call, 'x-amz-metadata-directive') === 'REPLACE' ? replaced : version;
  const tags = (directive(call, 'x-amz-tagging-directive') === 'REPLACE' ? replaced : version).tags ?? [];
  const ontoItself = bucket === call.bucket && key === call.key && !call.header('x-amz-copy-source')?.includes('?');
  if (ontoItself && metadata === version) {
    throw fault('InvalidRequest', {
      message:
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    });
  }
  return { headers: metadata.headers, metadata: metadata.metadata, ...(tags.length > 0 ? { tags } : {}) };
}

function directive({ header }: Call, name: string): 'COPY' | 'REPLACE' {
  const value = header(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw argument(name, value, `Unknown ${name === 'x-amz-tagging-directive' ? 'tagging' : 'metadata'} directive.`);
}

function readAlgorithm({ header }: Call, { checksum }: ObjectVersion): ChecksumAlgorithm {
  const name = header('x-amz-checksum-algorithm');
  if (name === undefined) return checksum.algorithm;
  const algorithm = checksumAlgorithm(name);
  if (!algorithm) throw fault('InvalidRequest', { message: 'Checksum algorithm provided is unsupported.' });
  return algorithm;
}
