import { readdir, stat } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { COMPLETED_REMEMBERED_MS } from './operations/complete-multipart-upload.ts';
import { SMALL_MAX_BYTES } from './store/small-files.ts';
import { outcome } from './suite/context.ts';
import { at, type Begun, FIRST, FIRST_ETAG, LAST, LAST_ETAG } from './suite/multipart-context.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';

const BUCKET = 'bucket-eu';
const BOTH = [
  { PartNumber: 1, ETag: FIRST_ETAG },
  { PartNumber: 2, ETag: LAST_ETAG },
];

let stage: InProcess;
let client: S3Client;
let count = 0;
beforeAll(async () => {
  stage = await openInProcess();
  client = stage.as();
});
afterEach(() => {
  stage.s3.clearFaults();
  stage.s3.setClock(0);
});
afterAll(() => stage?.close());

async function begin(more: object = {}): Promise<Begun> {
  count += 1;
  const object = { Bucket: BUCKET, Key: `u/${count}` };
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand({ ...object, ...more }));
  return at(client, object, UploadId);
}
async function filled(): Promise<Begun> {
  const upload = await begin();
  await upload.part(1, FIRST);
  await upload.part(2, LAST);
  return upload;
}
const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
/** A part that has a data file of its own. */
const large = (text: string): Buffer => Buffer.alloc(SMALL_MAX_BYTES + 1, text);
const files = async (): Promise<number> => (await readdir(stage.dataFiles)).length;

/** A part whose body is sent by hand, in two halves. */
async function halfSent({ key, uploadId }: Begun, size: number) {
  const command = new UploadPartCommand({
    Bucket: BUCKET,
    Key: key,
    UploadId: uploadId,
    PartNumber: 1,
    ContentLength: size,
  });
  const url = await getSignedUrl(client, command, { expiresIn: 60 });
  const answered = Promise.withResolvers<string>();
  const outgoing = request(url, { method: 'PUT', headers: { 'content-length': size }, agent: false }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response.on('end', () => answered.resolve(`${response.statusCode} ${/<Code>(.*)<\/Code>/.exec(text)?.[1] ?? ''}`));
  });
  outgoing.on('error', answered.reject);
  await new Promise<void>((resolve) => outgoing.write(Buffer.alloc(size / 2, 'x'), () => resolve()));
  await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    finish: () => outgoing.end(Buffer.alloc(size / 2, 'x')),
    cut: () => outgoing.destroy(),
    answer: answered.promise,
  };
}

describe('parts on the disk', () => {
  test('are gone when they are replaced, when the upload is aborted, and when they were left out', async () => {
    const before = await files();
    const replaced = await begin();
    await replaced.part(1, large('one'));
    await replaced.part(1, large('two'));
    expect(await files()).toBe(before + 1);
    await replaced.abort();
    expect(await files()).toBe(before);
    const chosen = await begin();
    const { ETag } = await chosen.part(1, large('wanted'));
    await chosen.part(2, large('not wanted'));
    await chosen.complete([{ PartNumber: 1, ETag }]);
    expect(await files()).toBe(before + 1);
  });

  test('leave nothing when they come after the abort', async () => {
    const before = await files();
    const upload = await begin();
    const late = await halfSent(upload, 4 * SMALL_MAX_BYTES);
    await upload.abort();
    late.finish();
    expect(await late.answer).toBe('404 NoSuchUpload');
    expect(await files()).toBe(before);
  });

  test('leave nothing when their sender goes away in the middle', async () => {
    const upload = await begin();
    const before = await files();
    const cut = await halfSent(upload, 4 * SMALL_MAX_BYTES);
    cut.cut();
    await expect(cut.answer).rejects.toThrow();
    await expect.poll(files, { timeout: 2_000 }).toBe(before);
    expect((await upload.parts()).Parts ?? []).toEqual([]);
  });

  test('of zero bytes take no room, and are read as they are', async () => {
    const before = new Set(await readdir(stage.dataFiles));
    const upload = await begin();
    const { ETag } = await upload.part(1, Buffer.alloc(8 * 1024 ** 2));
    const [name = ''] = (await readdir(stage.dataFiles)).filter((one) => !before.has(one));
    const { size, blocks } = await stat(join(stage.dataFiles, name));
    expect(size).toBe(8 * 1024 ** 2);
    expect(blocks * 512).toBeLessThan(65_536);
    await upload.complete([{ PartNumber: 1, ETag }]);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: upload.key }));
    expect(Buffer.alloc(8 * 1024 ** 2).equals(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(true);
  });

  test('are read to the end though the version is removed meanwhile', async () => {
    const { key, complete } = await filled();
    const { VersionId } = await complete(BOTH);
    const before = await files();
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: key, VersionId }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(Buffer.concat([FIRST, LAST]))).toBe(true);
    await expect.poll(files, { timeout: 2_000 }).toBe(before - 1);
  });
});

describe('a completion', () => {
  test('while a part is being replaced takes the one or the other, whole', async () => {
    const other = Buffer.from('987654321');
    for (let i = 0; i < 3; i++) {
      const { key, part, complete } = await filled();
      const [replaced, completed] = await Promise.all([outcome(part(2, other)), outcome(complete(BOTH))]);
      expect(['ok', '404 NoSuchUpload']).toContain(replaced);
      if (completed === 'ok') {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, Range: 'bytes=-9' }));
        expect(await Body?.transformToString()).toBe('123456789');
      } else expect(completed).toBe('400 InvalidPart');
    }
  });

  test('and an abort at once end in one of the two, whole', async () => {
    for (let i = 0; i < 3; i++) {
      const { key, abort, complete } = await filled();
      const [aborted, completed] = await Promise.all([outcome(abort()), outcome(complete(BOTH))]);
      expect([aborted, completed].toSorted()).toEqual(['404 NoSuchUpload', 'ok']);
      expect(await outcome(head(key))).toBe(completed === 'ok' ? 'ok' : '404 NotFound');
    }
  });

  test('is answered again for a while, then the upload is forgotten', async () => {
    const { complete } = await filled();
    const { VersionId } = await complete(BOTH);
    expect((await complete(BOTH)).VersionId).toBe(VersionId);
    expect(await outcome(complete([{ PartNumber: 1, ETag: FIRST_ETAG }]))).toBe('404 NoSuchUpload');
    expect(await outcome(complete(BOTH, { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
    stage.s3.setClock(COMPLETED_REMEMBERED_MS / 1_000 + 1);
    client.config.systemClockOffset = COMPLETED_REMEMBERED_MS;
    expect(await outcome(complete(BOTH))).toBe('404 NoSuchUpload');
    client.config.systemClockOffset = 0;
  });

  test('dates the object from the beginning of its upload', async () => {
    const { key, part, complete } = await begin();
    const begun = Date.now();
    await part(1, LAST);
    stage.s3.setClock(300);
    await complete([{ PartNumber: 1, ETag: LAST_ETAG }]);
    const modified = (await head(key)).LastModified?.getTime() ?? 0;
    expect(Math.abs(modified - begun)).toBeLessThan(5_000);
  });

  test('may be answered 200 with an error, and have happened or not', async () => {
    const action = 'CompleteMultipartUpload';
    const open = await filled();
    stage.s3.addFault({ service: 's3', action, mode: 'error-in-200' });
    await expect(open.complete(BOTH)).rejects.toMatchObject({ name: 'InternalError' });
    expect(await outcome(head(open.key))).toBe('404 NotFound');
    expect((await open.parts()).Parts).toHaveLength(2);
    const done = await filled();
    stage.s3.addFault({ service: 's3', action, mode: 'lie-in-200' });
    await expect(done.complete(BOTH)).rejects.toMatchObject({ name: 'InternalError' });
    expect(await outcome(head(done.key))).toBe('ok');
  });

  test('may happen though its answer is lost', async () => {
    const { key, complete } = await filled();
    stage.s3.addFault({ service: 's3', action: 'CompleteMultipartUpload', mode: 'drop' });
    await expect(complete(BOTH)).rejects.toThrow();
    expect(await outcome(head(key))).toBe('ok');
  });
});

describe('10,000 parts of 5 MiB', () => {
  test('list and complete in seconds, and are read anywhere', async () => {
    const size = 5 * 1024 ** 2;
    const { key, uploadId, parts, complete } = await begin({ ChecksumAlgorithm: 'SHA256' });
    await stage.s3.putZeroParts('euw1', { bucket: BUCKET, key, uploadId, count: 10_000, size });
    const listing = performance.now();
    const all: { PartNumber: number; ETag: string; ChecksumSHA256: string }[] = [];
    let PartNumberMarker: string | undefined;
    do {
      const page = await parts({ PartNumberMarker });
      for (const { PartNumber = 0, ETag = '', ChecksumSHA256 = '' } of page.Parts ?? []) {
        all.push({ PartNumber, ETag, ChecksumSHA256 });
      }
      PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
    } while (PartNumberMarker !== undefined);
    const completing = performance.now();
    expect(all).toHaveLength(10_000);
    const { ChecksumSHA256 } = await complete(all, { MpuObjectSize: 10_000 * size });
    const done = performance.now();
    expect(ChecksumSHA256).toMatch(/=-10000$/);
    expect(await head(key)).toMatchObject({ ContentLength: 52_428_800_000 });
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key, Range: 'bytes=52428799000-' }));
    expect(await Body?.transformToByteArray()).toEqual(new Uint8Array(1_000));
    const seconds = (from: number, to: number): string => ((to - from) / 1_000).toFixed(2);
    console.log(
      `10,000 parts: listed in ${seconds(listing, completing)} s, completed in ${seconds(completing, done)} s`,
    );
  });
});
