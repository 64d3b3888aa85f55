import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { S3Options, S3Stats } from './options.ts';
import { exited, hear, openStage, type Stage, type Started, tell, until } from './testing/child.ts';
import type { Queue } from './testing/queue.ts';

let stage: Stage;
let queue: Queue;
const start = (more?: Partial<S3Options>): Promise<Started> => stage.start(more);
const kill = (child: ChildProcess): Promise<void> => stage.kill(child);

beforeEach(async () => {
  stage = await openStage();
  queue = stage.queue;
});
afterEach(() => stage.close());

const put = (client: S3Client, Key: string, Body: Buffer | string) =>
  client.send(new PutObjectCommand({ Bucket: 'bucket-eu', Key, Body }));

const told = (key: string): readonly string[] =>
  queue.messages.flatMap(({ Records = [] }) =>
    Records.filter(({ s3 }) => s3.object.key === key).map(({ eventName }) => eventName),
  );

describe('events', () => {
  test('tell of every change, signed, with sequencers that rise', async () => {
    const { client } = await start();
    await until(() => queue.messages.some(({ Event }) => Event === 's3:TestEvent'));
    const { VersionId } = await put(client, 'u/a b', 'one');
    await client.send(new DeleteObjectCommand({ Bucket: 'bucket-eu', Key: 'u/a b' }));
    await client.send(new DeleteObjectCommand({ Bucket: 'bucket-eu', Key: 'u/a b', VersionId }));
    await put(client, 'elsewhere/x', 'one');
    await until(() => told('u/a+b').length === 3);
    const records = queue.messages.flatMap(({ Records = [] }) => Records);
    records.sort((a, b) => (a.s3.object.sequencer < b.s3.object.sequencer ? -1 : 1));
    expect(records.map(({ eventName }) => eventName)).toEqual([
      'ObjectCreated:Put',
      'ObjectRemoved:DeleteMarkerCreated',
      'ObjectRemoved:Delete',
    ]);
    expect(records[2]?.s3.object.versionId).toBe(VersionId);
    expect(told('elsewhere/x')).toEqual([]);
  });

  test('wait for a queue that is away, and come after a kill', async () => {
    queue.mode = 'down';
    const first = await start();
    await put(first.client, 'u/owed', 'one');
    await kill(first.child);
    queue.mode = 'good';
    await start();
    await until(() => told('u/owed').length > 0);
  });

  test('come again when the answer of the queue was lost', async () => {
    const { client } = await start({ events: { minDelayMs: 0, maxDelayMs: 5, duplicateRate: 0, resendWindowMs: 0 } });
    await until(() => queue.messages.length === 1);
    queue.mode = 'deaf';
    await put(client, 'u/twice', 'one');
    await until(() => told('u/twice').length >= 2);
    queue.mode = 'good';
  });

  test('delivered shortly before a kill come again after it, since the queue forgets', async () => {
    const first = await start();
    await put(first.client, 'u/delivered', 'one');
    await until(() => told('u/delivered').length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await kill(first.child);
    await start();
    await until(() => told('u/delivered').length === 2);
  });

  test('come twice on demand', async () => {
    const { child, client } = await start();
    tell(child, { type: 'events', change: { duplicateRate: 1 } });
    await put(client, 'u/double', 'one');
    await until(() => told('u/double').length === 2);
  });
});

describe('kill -9 in the middle of many uploads', () => {
  test('loses nothing acknowledged, shows nothing half, and every object is told of', async () => {
    const acknowledged = new Map<string, { body: Buffer; versionId: string }>();
    for (let round = 0; round < 3; round++) {
      const { child, client } = await start();
      let stop = false;
      const workers = Array.from({ length: 6 }, async (_, worker) => {
        for (let i = 0; !stop; i++) {
          const key = `u/${round}/${worker}/${i}`;
          const body = randomBytes(i % 5 === 0 ? 300_000 : 4_096);
          try {
            const { VersionId } = await put(client, key, body);
            acknowledged.set(key, { body, versionId: VersionId ?? '' });
          } catch {
            return; // the server was killed under this request: nothing was promised
          }
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 500 + 150 * round));
      await kill(child);
      stop = true;
      await Promise.all(workers);
      client.destroy();
    }
    expect(acknowledged.size).toBeGreaterThan(20);
    const { client } = await start();
    for (const [Key, { body, versionId }] of acknowledged) {
      const stored = await client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key, VersionId: versionId }));
      expect(body.equals(Buffer.from((await stored.Body?.transformToByteArray()) ?? []))).toBe(true);
    }
    const visible: string[] = [];
    let large = 0;
    let KeyMarker: string | undefined;
    do {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: 'bucket-eu', KeyMarker }));
      for (const { Key, Size } of page.Versions ?? []) {
        visible.push(Key ?? '');
        expect([4_096, 300_000]).toContain(Size);
        if (Size === 300_000) large += 1;
      }
      KeyMarker = page.NextKeyMarker;
    } while (KeyMarker !== undefined);
    expect(await readdir(join(stage.folder, 'euw1', 'data'))).toHaveLength(large);
    await until(() => {
      const keys = new Set(queue.messages.flatMap(({ Records = [] }) => Records.map(({ s3 }) => s3.object.key)));
      return visible.every((key) => keys.has(key));
    });
  });
});

describe('the process', () => {
  test('ends within a second when its parent is gone', async () => {
    const { child } = await start();
    const ended = exited(child);
    const started = Date.now();
    child.disconnect();
    expect(await ended).toBe(0);
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  test('ends in order when told to', async () => {
    const { child } = await start();
    const ended = exited(child);
    tell(child, { type: 'stop' });
    expect(await ended).toBe(0);
  });

  test('says why it cannot start', async () => {
    const { url } = await start();
    const second = stage.spawn();
    const failed = hear(second, 'failed');
    const port = Number(new URL(url).port);
    const [region] = stage.optionsOf().regions;
    const regions = region ? [{ ...region, port }] : [];
    tell(second, { type: 'start', options: stage.optionsOf({ dataDir: join(stage.folder, 'other'), regions }) });
    expect(await failed).toMatchObject({ message: expect.stringContaining('EADDRINUSE') });
    expect(await exited(second)).toBe(1);
  });

  test('counts, and follows the clock it is told', async () => {
    const { child, client } = await start();
    await put(client, 'u/a', 'x');
    const stats = hear(child, 'stats');
    tell(child, { type: 'stats', id: 7 });
    const report = await stats;
    const figures: S3Stats = report.type === 'stats' ? report.stats : {};
    expect(figures['euw1']?.objects).toBe(1);
    tell(child, { type: 'clock', offsetSeconds: 3_600 });
    await until(() =>
      put(client, 'u/late', 'x').then(
        () => false,
        (error: Error) => error.name === 'RequestTimeTooSkewed',
      ),
    );
  });

  test('logs a line a request, without queries', async () => {
    const { client, child } = await start();
    await put(client, 'u/logged', 'x');
    await client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/none' })).catch(() => undefined);
    const ended = exited(child);
    tell(child, { type: 'stop' });
    await ended;
    const lines = (await readFile(join(stage.folder, 'logs', 's3.log'), 'utf8')).trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { region: 'eu-west-1', method: 'PUT', path: '/bucket-eu/u/logged', status: 200, code: null },
      { region: 'eu-west-1', method: 'GET', path: '/bucket-eu/u/none', status: 404, code: 'NoSuchKey' },
    ]);
    expect(lines.join('')).not.toMatch(/x-id|X-Amz|\?/);
  });
});
