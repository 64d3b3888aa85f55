import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SMALL_MAX_BYTES } from './store/small-files.ts';
import { openStage, type Stage } from './testing/child.ts';

const BUCKET = 'bucket-eu';
const FIRST = Buffer.alloc(5 * 1024 ** 2, 'a');
/** Has a data file of its own, as the last part, which takes its place, has not. */
const FIRST_TRY = Buffer.alloc(SMALL_MAX_BYTES + 1, 'b');

/** What a client knows of one upload. */
interface Told {
  readonly key: string;
  readonly uploadId: string;
  /** ETags of acknowledged parts by number. */
  readonly parts: Map<number, string>;
  last: string;
  end: 'open' | 'asked to complete' | 'complete' | 'asked to abort' | 'aborted';
}

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

/** One upload after the other, each with two parts, until the server is gone; every third is aborted. */
async function upload(client: S3Client, name: string, told: Told[]): Promise<void> {
  for (let i = 0; ; i++) {
    const key = `u/${name}/${i}`;
    const { UploadId: uploadId = '' } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: key }),
    );
    const mine: Told = { key, uploadId, parts: new Map(), last: `last of ${key}`, end: 'open' };
    told.push(mine);
    const object = { Bucket: BUCKET, Key: key, UploadId: uploadId };
    for (const [number, Body] of [
      [1, FIRST],
      [2, FIRST_TRY],
      [2, mine.last],
    ] as const) {
      mine.parts.delete(number);
      const { ETag = '' } = await client.send(new UploadPartCommand({ ...object, PartNumber: number, Body }));
      mine.parts.set(number, ETag);
    }
    if (i % 3 === 2) {
      mine.end = 'asked to abort';
      await client.send(new AbortMultipartUploadCommand(object));
      mine.end = 'aborted';
      continue;
    }
    mine.end = 'asked to complete';
    const Parts = [...mine.parts].map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
    await client.send(new CompleteMultipartUploadCommand({ ...object, MultipartUpload: { Parts } }));
    mine.end = 'complete';
  }
}

test('kill -9 in the middle of many multipart uploads loses no acknowledged part, shows no half object, leaves no file behind', async () => {
  const told: Told[] = [];
  const completed = () => told.filter(({ end }) => end === 'complete').length;
  for (let round = 0; round < 2; round++) {
    const { child, client } = await stage.start();
    const workers = Array.from({ length: 4 }, (_, worker) =>
      upload(client, `${round}/${worker}`, told).catch(() => {}),
    ); // until the kill
    await vi.waitFor(() => expect(completed()).toBeGreaterThan(3 * (round + 1)), { timeout: 30_000 });
    await new Promise((resolve) => setTimeout(resolve, 20 + 30 * round)); // in the middle of the next ones
    await stage.kill(child);
    await Promise.all(workers);
    client.destroy();
  }

  const { client } = await stage.start();
  const open = new Set(
    (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads?.map(({ UploadId }) => UploadId),
  );
  let files = 0;
  for (const { key, uploadId, parts, last, end } of told) {
    const stored = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key })).catch(() => null);
    if (stored) {
      const bytes = Buffer.from((await stored.Body?.transformToByteArray()) ?? []);
      expect(bytes.equals(Buffer.concat([FIRST, Buffer.from(last)])), key).toBe(true);
      expect(['complete', 'asked to complete']).toContain(end);
      expect(open.has(uploadId)).toBe(false);
      files += 1;
      continue;
    }
    expect(end, key).not.toBe('complete');
    if (!open.has(uploadId)) {
      expect(['aborted', 'asked to abort'], key).toContain(end);
      continue;
    }
    expect(end, key).not.toBe('aborted');
    const { Parts = [] } = await client.send(new ListPartsCommand({ Bucket: BUCKET, Key: key, UploadId: uploadId }));
    const held = new Map(Parts.map(({ PartNumber, ETag }) => [PartNumber, ETag]));
    for (const [number, etag] of parts) expect(held.get(number), `${key} part ${number}`).toBe(etag);
    files += Parts.filter(({ Size = 0 }) => Size > SMALL_MAX_BYTES).length;
  }
  expect(await readdir(join(stage.folder, 'euw1', 'data'))).toHaveLength(files);
});
