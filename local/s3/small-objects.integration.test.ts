import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SMALL_MAX_BYTES } from './store/small-files.ts';
import { outcome } from './suite/context.ts';
import { openStage, type Stage, type Started } from './testing/child.ts';

const at = (Key: string) => ({ Bucket: 'bucket-eu', Key });

let stage: Stage;
let running: Started;
const put = (key: string, Body: Buffer) => running.client.send(new PutObjectCommand({ ...at(key), Body }));
const bytesOf = async (key: string, Range?: string): Promise<Buffer> => {
  const { Body } = await running.client.send(new GetObjectCommand({ ...at(key), Range }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};
const filesInFolder = async (): Promise<number> => (await readdir(join(stage.folder, 'euw1', 'data'))).length;
const killAndStart = async (): Promise<void> => {
  await stage.kill(running.child);
  running.client.destroy();
  running = await stage.start();
};

beforeAll(async () => {
  stage = await openStage();
  running = await stage.start();
});
afterAll(async () => {
  running?.client.destroy();
  await stage?.close();
});

describe.each([
  { size: 0, files: 0 },
  { size: 4_096, files: 0 },
  { size: SMALL_MAX_BYTES, files: 0 },
  { size: SMALL_MAX_BYTES + 1, files: 1 },
])('an object of $size bytes', ({ size, files }) => {
  const body = randomBytes(size);
  const key = `small/${size}`;

  test(`takes ${files} files, and is whole after a kill`, async () => {
    const before = await filesInFolder();
    await put(key, body);
    expect(await filesInFolder()).toBe(before + files);
    await killAndStart();
    expect(body.equals(await bytesOf(key))).toBe(true);
    expect(await running.client.send(new HeadObjectCommand(at(key)))).toMatchObject({ ContentLength: size });
    const attributes = new GetObjectAttributesCommand({ ...at(key), ObjectAttributes: ['ObjectSize'] });
    expect(await running.client.send(attributes)).toMatchObject({ ObjectSize: size });
  });

  test('is copied, and the copy is one of its own', async () => {
    const copy = `${key}/copy`;
    const original = await put(`${key}/original`, body);
    const before = await filesInFolder();
    await running.client.send(new CopyObjectCommand({ ...at(copy), CopySource: `bucket-eu/${key}/original` }));
    expect(await filesInFolder()).toBe(before + files);
    const { VersionId } = original;
    await running.client.send(new DeleteObjectCommand({ ...at(`${key}/original`), VersionId }));
    await killAndStart();
    expect(await outcome(running.client.send(new GetObjectCommand({ ...at(`${key}/original`), VersionId })))).toBe(
      '404 NoSuchVersion',
    );
    expect(body.equals(await bytesOf(copy))).toBe(true);
  });
});

test.each([4_096, SMALL_MAX_BYTES, SMALL_MAX_BYTES + 1])('an object of %i bytes is read in ranges', async (size) => {
  const body = randomBytes(size);
  const key = `ranges/${size}`;
  await put(key, body);
  expect(body.subarray(1, 3).equals(await bytesOf(key, 'bytes=1-2'))).toBe(true);
  expect(body.subarray(-5).equals(await bytesOf(key, 'bytes=-5'))).toBe(true);
  expect(body.subarray(size - 1).equals(await bytesOf(key, `bytes=${size - 1}-`))).toBe(true);
  expect(await outcome(bytesOf(key, `bytes=${size}-`))).toBe('416 InvalidRange');
});
