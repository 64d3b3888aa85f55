import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { S3Command, S3Options, S3Report, S3Stats } from './options.ts';
import { clientOf } from './suite/requests.ts';
import { ADMIN, temporaryFolder, testBucket, testOptions, testRegion } from './testing/platform.ts';
import { openQueue, type Queue } from './testing/queue.ts';

const CHILD = fileURLToPath(new URL('child.ts', import.meta.url));
const children = new Set<ChildProcess>();
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let queue: Queue;

beforeEach(async () => {
  folder = await temporaryFolder();
  queue = await openQueue();
});
afterEach(async () => {
  for (const child of children) {
    const ended = exited(child);
    child.kill('SIGKILL');
    await ended;
  }
  children.clear();
  await queue.close();
  await folder.remove();
});

function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

function tell(child: ChildProcess, command: S3Command): void {
  child.send(command);
}

function hear(child: ChildProcess, type: S3Report['type']): Promise<S3Report> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      const report = message as S3Report;
      if (report.type !== type) return;
      child.off('message', listen);
      resolve(report);
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
  });
}

const optionsOf = (more: Partial<S3Options> = {}): S3Options => {
  const notifications = [
    {
      id: 'events',
      queueUrl: queue.url,
      events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
      prefix: 'u/',
      suffix: '',
    },
  ];
  const regions = [testRegion('euw1', 'eu-west-1', [testBucket('bucket-eu', { notifications })])];
  return testOptions(folder.path, { regions, accessLog: join(folder.path, 'logs', 's3.log'), ...more });
};

async function start(more: Partial<S3Options> = {}): Promise<{ child: ChildProcess; client: S3Client; url: string }> {
  const child = fork(CHILD, { stdio: 'inherit' });
  children.add(child);
  const ready = hear(child, 'ready');
  tell(child, { type: 'start', options: optionsOf(more) });
  const report = await ready;
  const url = report.type === 'ready' ? (report.regions['euw1']?.url ?? '') : '';
  const credentials = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };
  return {
    child,
    url,
    client: clientOf({ endpoint: url, region: 'eu-west-1', bucket: 'bucket-eu', credentials }, 'WHEN_REQUIRED'),
  };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = exited(child);
  child.kill('SIGKILL');
  await ended;
  children.delete(child);
}

const put = (client: S3Client, Key: string, Body: Buffer | string) =>
  client.send(new PutObjectCommand({ Bucket: 'bucket-eu', Key, Body }));

const told = (key: string): readonly string[] =>
  queue.messages.flatMap(({ Records = [] }) =>
    Records.filter(({ s3 }) => s3.object.key === key).map(({ eventName }) => eventName),
  );

async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

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
    let KeyMarker: string | undefined;
    do {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: 'bucket-eu', KeyMarker }));
      for (const { Key, Size } of page.Versions ?? []) {
        visible.push(Key ?? '');
        expect([4_096, 300_000]).toContain(Size);
      }
      KeyMarker = page.NextKeyMarker;
    } while (KeyMarker !== undefined);
    expect(await readdir(join(folder.path, 'euw1', 'data'))).toHaveLength(visible.length);
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
    children.delete(child);
  });

  test('ends in order when told to', async () => {
    const { child } = await start();
    const ended = exited(child);
    tell(child, { type: 'stop' });
    expect(await ended).toBe(0);
    children.delete(child);
  });

  test('says why it cannot start', async () => {
    const { url } = await start();
    const second = fork(CHILD, { stdio: 'inherit' });
    children.add(second);
    const failed = hear(second, 'failed');
    const port = Number(new URL(url).port);
    const [region] = optionsOf().regions;
    const regions = region ? [{ ...region, port }] : [];
    tell(second, { type: 'start', options: optionsOf({ dataDir: join(folder.path, 'other'), regions }) });
    expect(await failed).toMatchObject({ message: expect.stringContaining('EADDRINUSE') });
    expect(await exited(second)).toBe(1);
    children.delete(second);
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
    children.delete(child);
    const lines = (await readFile(join(folder.path, 'logs', 's3.log'), 'utf8')).trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      { region: 'eu-west-1', method: 'PUT', path: '/bucket-eu/u/logged', status: 200, code: null },
      { region: 'eu-west-1', method: 'GET', path: '/bucket-eu/u/none', status: 404, code: 'NoSuchKey' },
    ]);
    expect(lines.join('')).not.toMatch(/x-id|X-Amz|\?/);
  });
});
