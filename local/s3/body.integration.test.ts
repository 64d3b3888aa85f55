import { createHash, randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type S3, startS3 } from './start.ts';
import { SMALL_MAX_BYTES } from './store/small-files.ts';
import { clientOf, type PlainRequest, presignPut, type S3Target, send } from './suite/requests.ts';
import { ADMIN, temporaryFolder, testOptions } from './testing/platform.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let s3: S3;
let target: S3Target;
let client: S3Client;

beforeAll(async () => {
  folder = await temporaryFolder();
  s3 = await startS3(testOptions(folder.path, { bodyIdleMs: 300 }));
  target = {
    endpoint: s3.regions['euw1']?.url ?? '',
    region: 'eu-west-1',
    bucket: 'bucket-eu',
    credentials: { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey },
  };
  client = clientOf(target, 'WHEN_REQUIRED');
});
afterAll(async () => {
  client?.destroy();
  await s3?.close();
  await folder?.remove();
});

const BODY = Buffer.from('0123456789');
/** Half of it has a data file already. */
const LARGE = Buffer.alloc(4 * SMALL_MAX_BYTES, 'x');
const HALF = LARGE.subarray(0, 2 * SMALL_MAX_BYTES);
const grant = (key: string, body = BODY): Promise<PlainRequest> =>
  presignPut(target, { key, body, type: 'text/plain', metadata: 'e30', expiresIn: 60 });
/** A presigned PUT of a body framed as aws-chunked, 20 bytes on the wire. */
async function presignChunked(key: string, decoded: number): Promise<PlainRequest> {
  const headers = {
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'x-amz-decoded-content-length': String(decoded),
  };
  const signer = clientOf(target, 'WHEN_REQUIRED');
  signer.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
      return next(args);
    },
    { step: 'build' },
  );
  const command = new PutObjectCommand({ Bucket: 'bucket-eu', Key: key });
  const unhoistableHeaders = new Set(Object.keys(headers));
  const url = await getSignedUrl(signer, command, { expiresIn: 60, unhoistableHeaders });
  signer.destroy();
  return { method: 'PUT', url, headers: { ...headers, 'content-length': '20' }, body: Buffer.alloc(0) };
}
const exists = (Key: string): Promise<boolean> =>
  client.send(new HeadObjectCommand({ Bucket: 'bucket-eu', Key })).then(
    () => true,
    () => false,
  );
const dataFiles = (): Promise<string[]> => readdir(join(folder.path, 'euw1', 'data'));

/** The request's head as it goes over the wire. */
function wire({ url, headers }: PlainRequest, more: Record<string, string> = {}): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers, ...more }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `PUT ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** Writes to a fresh connection and gives all that came back before it was closed, or `quietMs` after the last write. */
function talk(writes: readonly (string | Buffer)[], { half = false, quietMs = 1_000 } = {}): Promise<string> {
  const { hostname, port } = new URL(target.endpoint);
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true }, () => {
      for (const write of writes) socket.write(write);
      if (half) socket.end();
    });
    const timer = setTimeout(() => socket.destroy(), quietMs);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(heard);
    });
    socket.on('end', () => socket.destroy());
  });
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 250 && !(await condition()); i++) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a body', () => {
  test('cut in the middle leaves nothing, and the same URL works again', async () => {
    const request = await grant('u/cut', LARGE);
    const before = await dataFiles();
    expect(await talk([wire(request), HALF], { half: true })).toContain('<Code>IncompleteBody</Code>');
    await talk([wire(request), HALF], { quietMs: 50 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await exists('u/cut')).toBe(false);
    expect(await dataFiles()).toEqual(before);
    expect((await send(request)).status).toBe(200);
  });

  test('that stops coming is RequestTimeout and leaves nothing', async () => {
    const before = await dataFiles();
    const heard = await talk([wire(await grant('u/stalled', LARGE)), HALF], { quietMs: 3_000 });
    expect(heard).toContain('HTTP/1.1 400');
    expect(heard).toContain('<Code>RequestTimeout</Code>');
    expect(await exists('u/stalled')).toBe(false);
    expect(await dataFiles()).toEqual(before);
  });

  test('longer than it says does not reach the object', async () => {
    const request = await grant('u/longer');
    await talk([wire(request), BODY, Buffer.from('more')]);
    await until(() => exists('u/longer'));
    const stored = await client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/longer' }));
    expect(await stored.Body?.transformToString()).toBe('0123456789');
  });

  test('is asked for only when it is wanted', async () => {
    const request = await grant('u/expect');
    const waiting = { expect: '100-continue' };
    expect(await talk([wire(request, waiting)], { quietMs: 150 })).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    const refused = await talk([wire(request, { ...waiting, 'content-type': 'text/html' })]);
    expect(refused).toMatch(/^HTTP\/1\.1 403/);
    expect(refused).toContain('<Code>SignatureDoesNotMatch</Code>');
    expect(await talk([wire(request, waiting), BODY])).toContain('HTTP/1.1 200 OK');
  });

  test('that is refused is read to its end, so that a client which listens late still hears why', async () => {
    const big = randomBytes(20_000_000);
    const request = await grant('u/refused-big', big);
    const { hostname, port } = new URL(target.endpoint);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.pause();
    const write = (bytes: string | Buffer): Promise<void> =>
      new Promise((resolve, reject) => socket.write(bytes, (error) => (error ? reject(error) : resolve())));
    await write(wire(request, { 'content-type': 'text/html' }));
    for (let at = 0; at < big.length; at += 1_000_000) await write(big.subarray(at, at + 1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const heard = await new Promise<string>((resolve, reject) => {
      socket.once('data', (chunk) => resolve(chunk.toString()));
      socket.once('error', reject);
      socket.resume();
    });
    socket.destroy();
    expect(heard).toMatch(/^HTTP\/1\.1 403/);
    expect(await exists('u/refused-big')).toBe(false);
  });

  test('shorter than its decoded length is IncompleteBody', async () => {
    const framed = (decoded: number): Promise<PlainRequest> => presignChunked(`u/decoded-${decoded}`, decoded);
    const body = Buffer.from('a\r\n0123456789\r\n0\r\n\r\n');
    expect((await send({ ...(await framed(10)), body })).status).toBe(200);
    expect(await send({ ...(await framed(11)), body })).toMatchObject({ status: 400, code: 'IncompleteBody' });
    expect(await send({ ...(await framed(9)), body })).toMatchObject({ status: 400, code: 'IncompleteBody' });
    expect(await exists('u/decoded-11')).toBe(false);
  });

  test('of more than 5 GiB is EntityTooLarge before it comes', async () => {
    const command = new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/huge', ContentLength: 5_368_709_121 });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    const heard = await talk([
      wire({ method: 'PUT', url, headers: { 'content-length': '5368709121' }, body: BODY }),
      BODY,
    ]);
    expect(heard).toContain('<Code>EntityTooLarge</Code>');
    expect(await exists('u/huge')).toBe(false);
  });

  test('of many packets arrives byte for byte', async () => {
    const body = randomBytes(30_000_000);
    const request = await grant('u/big', body);
    expect((await send(request)).status).toBe(200);
    const stored = await client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/big' }));
    const hash = createHash('sha256')
      .update((await stored.Body?.transformToByteArray()) ?? '')
      .digest('hex');
    expect(hash).toBe(createHash('sha256').update(body).digest('hex'));
    const range = await client.send(
      new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/big', Range: 'bytes=1000000-1999999' }),
    );
    expect(Buffer.from((await range.Body?.transformToByteArray()) ?? [])).toEqual(body.subarray(1_000_000, 2_000_000));
  });

  test('whose signed hash is another is refused', async () => {
    const lied = clientOf(target, 'WHEN_REQUIRED');
    lied.middlewareStack.add(
      (next) => (args) => {
        Object.assign(args.request as object, { body: Buffer.from('9876543210') });
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    const put = lied.send(new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/hash', Body: BODY }));
    await expect(put).rejects.toMatchObject({ name: 'XAmzContentSHA256Mismatch' });
    lied.destroy();
    expect(await exists('u/hash')).toBe(false);
  });
});

describe('a checksum in the query', () => {
  test('is refused, whatever its spelling', async () => {
    const supported = clientOf(target, 'WHEN_SUPPORTED');
    const url = await getSignedUrl(supported, new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/q' }), {
      expiresIn: 60,
    });
    supported.destroy();
    expect(url).toContain('x-amz-checksum-crc32=');
    const answer = await send({ method: 'PUT', url, headers: { 'content-length': '10' }, body: BODY });
    expect(answer).toMatchObject({ status: 400, code: 'InvalidRequest' });
    const hoisted = new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/q', Metadata: { a: '1' } });
    const other = await getSignedUrl(client, hoisted, { expiresIn: 60 });
    expect(await send({ method: 'PUT', url: other, headers: { 'content-length': '10' }, body: BODY })).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
    });
    expect(await exists('u/q')).toBe(false);
  });
});
