import { isChecksumValue } from '../body/checksum.ts';
import { readXmlBody } from '../body/read-xml-body.ts';
import { wrongChecksum } from '../body/receive-body.ts';
import { fault, S3Error } from '../errors.ts';
import { type Call, type Operation, XML_TYPE } from '../http/call.ts';
import { CHECKSUM_ALGORITHMS, type ObjectVersion, type Upload } from '../store/records.ts';
import { completedVersion } from '../store/state.ts';
import { completeUpload, findUpload } from '../store/uploads.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { type Assembled, assembleParts } from './assemble-parts.ts';
import { checksumElement } from './checksum-element.ts';
import { readChecksumType } from './create-multipart-upload.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { checksumType, versionHeader } from './object-headers.ts';
import { type ClaimedPart, readCompleteRequest } from './read-complete-request.ts';
import { checkWriteCondition } from './write-condition.ts';

/** Room for 10,000 parts with the longest checksums, in bytes. */
const BODY_MAX_BYTES = 4 * 1024 ** 2;

/**
 * How long a finished upload answers its completion once more, in milliseconds by the platform's clock. S3 does so for a
 * while that no document names, then it is NoSuchUpload.
 */
export const COMPLETED_REMEMBERED_MS = 10 * 60_000;

/** CompleteMultipartUpload: the named parts become a version as they lie on the disk, or the upload stays open as it was. */
export const completeMultipartUpload: Operation = async (call) => {
  const bucket = findBucket(call);
  requireMay(call, 's3:PutObject', call.key);
  const uploadId = call.query.get('uploadId') ?? '';
  const claims = readCompleteRequest(await readXmlBody(withoutObjectChecksum(call), BODY_MAX_BYTES));
  const version = (await complete(call, uploadId, claims)) ?? completedBefore(call, uploadId, claims);
  return {
    status: 200,
    headers: {
      ...XML_TYPE,
      'x-amz-server-side-encryption': 'AES256',
      ...versionHeader(version.versionId, bucket.record.versioning),
    },
    body: xmlDocument(
      'CompleteMultipartUploadResult',
      leaf('Location', `http://${call.header('host') ?? ''}/${call.bucket}/${encodeURI(call.key)}`),
      leaf('Bucket', call.bucket),
      leaf('Key', call.key),
      leaf('ETag', `"${version.etag}"`),
      checksumElement(version.checksum),
      leaf('ChecksumType', checksumType(version.checksum)),
    ),
  };
};

/** The new version; null when the upload is not open. */
async function complete(call: Call, uploadId: string, claims: readonly ClaimedPart[]): Promise<ObjectVersion | null> {
  try {
    const open = findUpload(call.store, call.bucket, call.key, uploadId);
    const { upload } = open.state;
    const target = { ...call, source: { ...call.source, time: call.now() } };
    return await completeUpload(target, open, async () => {
      const whole = await assembleParts(open.state, claims);
      checkWhole(call, upload, whole);
      return { draft: draftOf(upload, whole, call.now()), unchangedSince: checkWriteCondition(call) };
    });
  } catch (error) {
    if (error instanceof S3Error && error.code === 'NoSuchUpload') return null;
    throw error;
  }
}

/** The same answer again, to the same list, for a while. */
function completedBefore(call: Call, uploadId: string, claims: readonly ClaimedPart[]): ObjectVersion {
  const version = completedVersion(findBucket(call), call.key, uploadId);
  const done = version?.multipart;
  const same =
    done !== undefined &&
    call.now() - done.completedAt <= COMPLETED_REMEMBERED_MS &&
    done.parts.length === claims.length &&
    done.parts.every(({ number, etag }, at) => claims[at]?.number === number && claims[at]?.etag === etag);
  if (!version || !same) throw fault('NoSuchUpload', { details: { UploadId: uploadId } });
  checkWriteCondition(call);
  return version;
}

function draftOf({ headers, metadata, tags, ...upload }: Upload, whole: Assembled, now: number) {
  return {
    size: whole.size,
    etag: whole.etag,
    checksum: whole.checksum,
    file: null,
    headers,
    metadata,
    ...(tags ? { tags } : {}),
    lastModified: upload.initiatedAt,
    multipart: {
      uploadId: upload.id,
      begunAs: upload.sequencer,
      completedAt: now,
      parts: whole.parts,
    },
  };
}

/** What the request says of the whole object: type and value of its checksum, and its size. */
function checkWhole({ header }: Call, { checksum }: Upload, whole: Assembled): void {
  const type = readChecksumType(header);
  if (type !== undefined && type !== checksum.type) {
    throw fault('InvalidRequest', {
      message: `The upload was created using the ${checksum.type} checksum mode. The complete request must use the same checksum mode.`,
    });
  }
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => header(`x-amz-checksum-${algorithm}`) !== undefined);
  if (given.length > 1) {
    throw fault('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  for (const algorithm of given) {
    const [value = '', count, ...more] = (header(`x-amz-checksum-${algorithm}`) ?? '').split('-');
    const composite = checksum.type === 'COMPOSITE' && /^\d+$/.test(count ?? '0') && more.length === 0;
    if (algorithm !== checksum.algorithm || !isChecksumValue(algorithm, value) || !(composite || count === undefined)) {
      throw fault('InvalidRequest', { message: `Value for x-amz-checksum-${algorithm} header is invalid.` });
    }
    const [computed = '', computedCount] = whole.checksum.value.split('-');
    if (value !== computed || (count !== undefined && count !== computedCount)) throw wrongChecksum(algorithm);
  }
  checkSize(header('x-amz-mp-object-size'), whole.size);
}

function checkSize(text: string | undefined, size: number): void {
  if (text === undefined) return;
  if (!/^\d{1,15}$/.test(text)) {
    throw fault('InvalidRequest', { message: `Value for x-amz-mp-object-size header is invalid: '${text}'` });
  }
  if (Number(text) === size) return;
  throw fault('InvalidRequest', {
    message: `The provided 'x-amz-mp-object-size' header value ${text} does not match what was computed: ${size}`,
  });
}

/** A checksum in the headers is the object's here, not the document's. */
function withoutObjectChecksum(call: Call): Call {
  return { ...call, header: (name) => (name.startsWith('x-amz-checksum-') ? undefined : call.header(name)) };
}
