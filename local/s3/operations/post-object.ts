import { checksumAlgorithm, isChecksumValue } from '../body/checksum.ts';
import { type Form, readForm } from '../body/read-form.ts';
import { readRequest } from '../body/read-request.ts';
import { wrongChecksum } from '../body/receive-body.ts';
import { type HashName, storeBytes } from '../body/store-bytes.ts';
import { fault } from '../errors.ts';
import { type Call, type FormCall, type Reply, XML_TYPE } from '../http/call.ts';
import { KEY_MAX_BYTES } from '../http/split-path.ts';
import { checkPolicy, type LengthRange } from '../policy/check-policy.ts';
import { parsePolicy } from '../policy/parse-policy.ts';
import { CHECKSUM_ALGORITHMS, type Checksum, type ChecksumAlgorithm, type ObjectVersion } from '../store/records.ts';
import { putVersion } from '../store/write.ts';
import { leaf, xmlDocument } from '../xml.ts';
import { findBucket, requireMay } from './find-bucket.ts';
import { argument } from './list-page.ts';
import { storedHeaders } from './object-headers.ts';
import { PUT_MAX_BYTES } from './put-object.ts';
import { type DescriptionSource, readDescription } from './put-object-headers.ts';
import { readTagDocument } from './tags.ts';

/** Stands in any field for the name of the file. */
const FILE_NAME = '$' + '{filename}';

/** PostObject: a browser's form, signed by its policy; the file as the policy allows it becomes the newest version. */
export async function postObject(call: FormCall): Promise<Reply> {
  if (!/^multipart\/form-data\b/i.test(call.header('content-type') ?? '')) {
    throw fault('PreconditionFailed', {
      details: { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
    });
  }
  if (call.header('content-length') === undefined) throw fault('MissingContentLength');
  call.askForBody();
  const form = await readForm(call.request.headers, readRequest(call.request, call.bodyIdleMs));
  try {
    return await storeForm(call, form);
  } finally {
    form.stop();
  }
}

async function storeForm(form: FormCall, { fields: given, fileName, file }: Form): Promise<Reply> {
  const fields = new Map([...given].map(([name, value]) => [name, value.replaceAll(FILE_NAME, () => fileName)]));
  const key = readKey(fields);
  const call = form.authenticate(given, key);
  const bucket = findBucket(call);
  const policy = parsePolicy(given.get('policy') ?? '');
  const range = checkPolicy(policy, { bucket: call.bucket, fields, now: call.now() });
  requireMay(call, 's3:PutObject', key);
  const description = readDescription(descriptionSource(fields));
  const tagging = fields.get('tagging');
  const tags = tagging === undefined ? [] : readTagDocument(tagging);
  if (tags.length > 0) requireMay(call, 's3:PutObjectTagging', key);
  const received = await storeFile(call, file, range, readChecksum(fields));
  const target = { ...call, source: { ...call.source, time: call.now() } };
  const draft = { ...received, ...description, ...(tags.length > 0 ? { tags } : {}) };
  try {
    const version = await putVersion(target, draft, null, 'ObjectCreated:Post');
    return answer(call, fields, version, storedHeaders(version, bucket.record.versioning));
  } catch (error) {
    await call.store.files.remove(received.file);
    throw error;
  }
}

function readKey(fields: ReadonlyMap<string, string>): string {
  const key = fields.get('key') ?? '';
  if (key === '') {
    throw argument(
      'key',
      '',
      "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
    );
  }
  const size = Buffer.byteLength(key);
  if (size > KEY_MAX_BYTES) {
    throw fault('KeyTooLongError', { details: { Size: String(size), MaxSizeAllowed: String(KEY_MAX_BYTES) } });
  }
  return key;
}

/** Fields as headers would carry them: one character for each byte, none that would end a header. */
function descriptionSource(fields: ReadonlyMap<string, string>): DescriptionSource {
  const headers: Record<string, string> = {};
  for (const [name, value] of fields) {
    const bytes = Buffer.from(value, 'utf8').toString('latin1');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be found
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(bytes)) {
      if (name.startsWith('x-amz-meta-') || DESCRIBING.has(name)) throw argument(name, '', 'Invalid characters');
    } else headers[name] = bytes;
  }
  const { acl, ...rest } = headers;
  const all = acl === undefined ? rest : { ...rest, 'x-amz-acl': acl };
  return { header: (name) => (Object.hasOwn(all, name) ? all[name] : undefined), headers: all };
}

const DESCRIBING: ReadonlySet<string> = new Set([
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
]);

interface Expected {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string | null;
}

/** At most one checksum of the file, of the algorithm that is named, if one is. */
function readChecksum(fields: ReadonlyMap<string, string>): Expected {
  const given = CHECKSUM_ALGORITHMS.filter((algorithm) => fields.has(`x-amz-checksum-${algorithm}`));
  const [algorithm, ...more] = given;
  if (more.length > 0) {
    throw fault('InvalidRequest', {
      message: 'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    });
  }
  const named = fields.get('x-amz-checksum-algorithm');
  const known = named === undefined ? undefined : checksumAlgorithm(named);
  if (named !== undefined && (known === undefined || (algorithm !== undefined && known !== algorithm))) {
    throw fault('InvalidRequest', {
      message: 'The algorithm type you specified in x-amz-checksum- header is invalid.',
    });
  }
  if (algorithm === undefined) return { algorithm: known ?? 'crc64nvme', value: null };
  const value = fields.get(`x-amz-checksum-${algorithm}`) ?? '';
  if (!isChecksumValue(algorithm, value)) {
    throw fault('InvalidRequest', { message: `Value for x-amz-checksum-${algorithm} header is invalid.` });
  }
  return { algorithm, value };
}

async function storeFile(call: Call, source: AsyncIterable<Buffer>, range: LengthRange, expected: Expected) {
  const max = Math.min(range.max, PUT_MAX_BYTES);
  const { algorithm } = expected;
  const { file, size, hash } = await storeBytes(call.store.files, source, {
    hashes: new Set<HashName>(['md5', algorithm]),
    grow: (soFar) => {
      if (soFar <= max) return;
      throw fault('EntityTooLarge', { details: { ProposedSize: String(soFar), MaxSizeAllowed: String(max) } });
    },
    judge: (stored) => {
      if (stored.size < range.min) {
        throw fault('EntityTooSmall', {
          details: { ProposedSize: String(stored.size), MinSizeAllowed: String(range.min) },
        });
      }
      if (expected.value !== null && stored.hash(algorithm).toString('base64') !== expected.value) {
        throw wrongChecksum(algorithm);
      }
    },
  });
  const checksum: Checksum = { algorithm, value: hash(algorithm).toString('base64') };
  return { file, size, etag: hash('md5').toString('hex'), checksum };
}

function answer(
  call: Call,
  fields: ReadonlyMap<string, string>,
  { etag }: ObjectVersion,
  headers: Record<string, string>,
): Reply {
  const location = `http://${call.header('host') ?? ''}/${call.bucket}/${encodeURIComponent(call.key)}`;
  const redirect = redirectTo(call, fields.get('success_action_redirect') ?? fields.get('redirect'), etag);
  if (redirect !== null) return { status: 303, headers: { ...headers, location: redirect } };
  const all = { ...headers, location };
  switch (fields.get('success_action_status')) {
    case '200':
      return { status: 200, headers: all };
    case '201':
      return {
        status: 201,
        headers: { ...all, ...XML_TYPE },
        body: xmlDocument(
          'PostResponse',
          leaf('Location', location),
          leaf('Bucket', call.bucket),
          leaf('Key', call.key),
          leaf('ETag', `"${etag}"`),
        ),
      };
    default:
      return { status: 204, headers: all };
  }
}

/** The page's own address with bucket, key and ETag; null for what is no address, as if it were not there. */
function redirectTo(call: Call, target: string | undefined, etag: string): string | null {
  if (target === undefined || !URL.canParse(target)) return null;
  const url = new URL(target);
  url.searchParams.set('bucket', call.bucket);
  url.searchParams.set('key', call.key);
  url.searchParams.set('etag', `"${etag}"`);
  return url.href;
}
