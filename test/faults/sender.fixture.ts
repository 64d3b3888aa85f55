import { createHash } from 'node:crypto';
import http from 'node:http';
import type { PartGrant } from '../../core/contract/records.ts';
import { createMultipart, readUploadId } from '../../core/objects/create-multipart.ts';
import { grantForm } from '../../core/objects/form-grant.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import { grantParts } from '../../core/objects/part-grants.ts';
import { partCount } from '../../core/objects/plan-parts.ts';
import { grantPut } from '../../core/objects/put-grant.ts';
import { s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import type { TestUpload } from '../../origin/testing/subjects.ts';
import { BUCKET, CREDENTIALS } from './servers.fixture.ts';
import type { World } from './world.fixture.ts';

/** What S3 answered to a client: its status and error code, or `broken` when the line was. */
export type Sent = string;

const ANSWER_WITHIN_MS = 3_000;

type Outgoing = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** One request over the line that may break. */
const transmit = ({ servers }: World, { method, url, headers, body }: Outgoing): Promise<Sent> =>
  new Promise((resolve) => {
    const request = http.request(url, {
      method,
      agent: servers.proxies.client.agent,
      timeout: ANSWER_WITHIN_MS,
      // A line that broke after its answer must not be used again.
      headers: { ...headers, 'content-length': String(body.length), connection: 'close' },
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve('broken'));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => resolve('broken'));
      response.on('end', () => {
        const code = /<Error>.*<Code>([^<]+)<\/Code>/s.exec(Buffer.concat(chunks).toString('utf8'))?.[1];
        resolve(code === undefined ? String(response.statusCode) : `${response.statusCode} ${code}`);
      });
    });
    request.end(body);
  });

const contextOf = ({ servers }: World, { subject }: TestUpload, now: number) => ({
  endpoint: s3Endpoint({ bucket: BUCKET, region: servers.region, endpoint: servers.s3Url }),
  region: servers.region,
  credentials: CREDENTIALS,
  issuerId: subject.issuerId,
  ownerKey: subject.ownerKey,
  now,
});

const metadataOf = ({ subject, grant, createdAt }: TestUpload) => ({
  ...grant,
  id: subject.id,
  size: subject.upload.size,
  createdAt,
});

/** How a client sends, other than well. */
export type Manner = {
  /** When the URL was signed, milliseconds since 1970. */
  readonly signedAt?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** PUTs bytes to a granted URL. */
export const sendPut = (world: World, upload: TestUpload, body: Buffer, manner: Manner = {}): Promise<Sent> => {
  const { url, headers } = grantPut({
    ...contextOf(world, upload, manner.signedAt ?? Date.now()),
    grant: metadataOf(upload),
    expiresIn: 900,
  });
  return transmit(world, { method: 'PUT', url, headers: { ...headers, ...manner.headers }, body });
};

/** POSTs bytes by a granted form. */
export const sendForm = (world: World, upload: TestUpload, body: Buffer, manner: Manner = {}): Promise<Sent> => {
  const now = manner.signedAt ?? Date.now();
  const { url, fields } = grantForm({
    ...contextOf(world, upload, now),
    bucket: BUCKET,
    grant: metadataOf(upload),
    expiresIn: 300,
  });
  const boundary = 'a-line-that-is-in-no-file-of-these-tests';
  const field = (name: string, more = ''): string =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n`;
  const head = Object.entries(fields).map(([name, value]) => `${field(name)}${value}\r\n`);
  const form = Buffer.concat([
    Buffer.from(`${head.join('')}${field('file', '; filename="a"')}`),
    body,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  return transmit(world, { method: 'POST', url, headers, body: form });
};

/** Starts an upload in parts as the gate does, not over the line of the client. */
export const startParts = async (world: World, upload: TestUpload): Promise<string> => {
  const { method, url, headers } = createMultipart({
    ...contextOf(world, upload, Date.now()),
    grant: metadataOf(upload),
    checksumMode: upload.subject.upload.checksumMode,
  });
  const response = await fetch(url, { method, headers });
  const uploadId = readUploadId(await response.text());
  if (uploadId === undefined) throw new Error(`S3 started nothing: ${response.status}`);
  return uploadId;
};

const signPart = (
  world: World,
  upload: TestUpload,
  uploadId: string,
  number: number,
  body: Buffer,
  now: number,
): PartGrant => {
  const { id, size, partSize, checksumMode } = upload.subject.upload;
  const sha256 = checksumMode === 'sha256' ? createHash('sha256').update(body).digest('hex') : undefined;
  const plan = { id, size, partSize, checksumMode };
  const [grant] = grantParts({
    ...contextOf(world, upload, now),
    plan,
    uploadId,
    parts: [{ number, sha256 }],
    expiresIn: 900,
  });
  if (grant === undefined) throw new Error('nothing was signed');
  return grant;
};

/** PUTs one part to its granted URL. */
export const sendPart = (
  world: World,
  upload: TestUpload,
  part: { readonly uploadId: string; readonly number: number; readonly body: Buffer },
  manner: Manner = {},
): Promise<Sent> => {
  const { url, headers } = signPart(
    world,
    upload,
    part.uploadId,
    part.number,
    part.body,
    manner.signedAt ?? Date.now(),
  );
  return transmit(world, { method: 'PUT', url, headers: { ...headers, ...manner.headers }, body: part.body });
};

/** Puts all parts but the last, of zero bytes, where S3 has them; they cost no time on the wire. */
export const placeZeros = async ({ servers }: World, upload: TestUpload, uploadId: string): Promise<void> => {
  const { partSize } = upload.subject.upload;
  const count = partCount(upload.subject.upload) - 1;
  const where = { bucket: BUCKET, key: objectKey(upload.subject), uploadId };
  if (count > 0) await servers.s3.putZeroParts('euw1', { ...where, count, size: partSize });
};
