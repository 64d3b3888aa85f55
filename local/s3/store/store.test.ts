import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { NotificationRule } from '../options.ts';
import { temporaryFolder } from '../testing/platform.ts';
import type { EventRecord, ObjectVersion } from './records.ts';
import { openStore, type Store } from './store.ts';
import { currentVersion, deleteCurrent, deleteVersion, putVersion, type WriteTarget } from './write.ts';

const SOURCE = { time: 1_700_000_000_123, requestId: 'R', hostId: 'H', principal: 'AWS:test', sourceIp: '127.0.0.1' };
const RULE: NotificationRule = {
  id: 'all',
  queueUrl: 'http://127.0.0.1:1/0/q',
  events: ['s3:*'],
  prefix: 'u/',
  suffix: '',
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let events: EventRecord[] = [];
let machineTime = 1_700_000_000_000;
const opened: Store[] = [];

const open = async (resendWindowMs = 60_000): Promise<Store> => {
  events = [];
  const store = await openStore({
    folder: folder.path,
    machineNow: () => machineTime,
    resendWindowMs,
    onEvent: (event) => events.push(event),
  });
  opened.push(store);
  return store;
};
const reopen = async (store: Store, resendWindowMs?: number): Promise<Store> => {
  await store.close();
  opened.splice(opened.indexOf(store), 1);
  return open(resendWindowMs);
};
const createBucket = (store: Store, versioning: 'off' | 'enabled' | 'suspended' = 'enabled') =>
  store.commit([
    { op: 'bucket', bucket: { name: 'b', createdAt: 1, versioning, cors: [], notifications: [RULE], lifecycle: [] } },
  ]);
const target = (store: Store, key = 'u/k'): WriteTarget => ({ store, bucket: 'b', key, source: SOURCE });
const put = async (store: Store, text: string, key = 'u/k'): Promise<ObjectVersion> => {
  const { name, handle } = await store.files.create();
  await handle.write(text);
  await handle.close();
  const checksum = { algorithm: 'crc64nvme', value: '' } as const;
  return putVersion(
    target(store, key),
    { size: text.length, etag: 'e', file: name, headers: {}, metadata: {}, checksum },
    null,
  );
};
const read = (version: ObjectVersion): Promise<string> =>
  readFile(join(folder.path, 'data', version.file ?? ''), 'utf8');
const current = (store: Store) => currentVersion(store, 'b', 'u/k');

beforeEach(async () => {
  folder = await temporaryFolder();
  machineTime = 1_700_000_000_000;
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await folder.remove();
});

describe('a store', () => {
  test('is the same after it was opened again', async () => {
    const store = await open();
    await createBucket(store);
    const first = await put(store, 'one');
    const second = await put(store, 'two');
    const marker = await deleteCurrent(target(store));
    const again = await reopen(store);
    expect(again.state.buckets.get('b')?.keys.get('u/k')).toEqual([marker, second, first]);
    expect(await read(first)).toBe('one');
    expect(again.state.objects).toBe(2);
  });

  test('forgets a torn last line and goes on writing behind the good ones', async () => {
    const store = await open();
    await createBucket(store);
    const kept = await put(store, 'one');
    await store.close();
    opened.splice(0);
    await appendFile(join(folder.path, 'log.jsonl'), '[{"op":"put","bucket":"b","key":"u/k","ver');
    const again = await open();
    expect(current(again)).toEqual(kept);
    const next = await put(again, 'two');
    expect(current(await reopen(again))).toEqual(next);
  });

  test('refuses a log that is broken in the middle', async () => {
    const store = await open();
    await createBucket(store);
    await store.close();
    opened.splice(0);
    const path = join(folder.path, 'log.jsonl');
    await writeFile(path, `broken\n${await readFile(path, 'utf8')}`);
    await expect(open()).rejects.toThrow(SyntaxError);
  });

  test('removes data files that no line names', async () => {
    const store = await open();
    await createBucket(store);
    const kept = await put(store, 'one');
    const { handle } = await store.files.create();
    await handle.close();
    expect(await readdir(join(folder.path, 'data'))).toHaveLength(2);
    await reopen(store);
    expect(await readdir(join(folder.path, 'data'))).toEqual([kept.file]);
  });

  test('keeps one version where versioning is off, and one "null" version where it is suspended', async () => {
    const store = await open();
    await createBucket(store, 'off');
    await put(store, 'one');
    const second = await put(store, 'two');
    expect(second.versionId).toBe('null');
    expect(await readdir(join(folder.path, 'data'))).toEqual([second.file]);
    await createBucket(store, 'enabled');
    const third = await put(store, 'three');
    await createBucket(store, 'suspended');
    const fourth = await put(store, 'four');
    expect(store.state.buckets.get('b')?.keys.get('u/k')).toEqual([fourth, third]);
    await deleteCurrent(target(store));
    expect(current(store)).toMatchObject({ kind: 'marker', versionId: 'null' });
  });

  test('removes the bytes with the version', async () => {
    const store = await open();
    await createBucket(store);
    const version = await put(store, 'one');
    expect(await deleteVersion(target(store), version.versionId)).toEqual(version);
    expect(await deleteVersion(target(store), version.versionId)).toBeNull();
    expect(await readdir(join(folder.path, 'data'))).toEqual([]);
    expect(store.state.objects).toBe(0);
  });

  test('rewrites a log that grew far beyond what it says', async () => {
    const store = await open();
    await createBucket(store, 'off');
    for (let i = 0; i < 22; i++) await Promise.all(Array.from({ length: 50 }, () => put(store, 'x', 'quiet')));
    const before = (await put(store, 'last', 'quiet')).sequencer;
    machineTime -= 3_600_000;
    const again = await reopen(store);
    const lines = (await readFile(join(folder.path, 'log.jsonl'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect((await put(again, 'next', 'quiet')).sequencer > before).toBe(true);
  });
});

describe('events', () => {
  test('are owed until they were sent, also by the next process', async () => {
    const store = await open();
    await createBucket(store);
    await put(store, 'one');
    expect(events.map(({ name, key, size }) => ({ name, key, size }))).toEqual([
      { name: 'ObjectCreated:Put', key: 'u/k', size: 3 },
    ]);
    const again = await reopen(store);
    expect(events).toHaveLength(1);
    await again.commit([{ op: 'sent', id: events[0]?.id ?? '', at: machineTime }]);
    await reopen(again, 0);
    expect(events).toEqual([]);
  });

  test('sent shortly before the stop are owed again, older ones are not', async () => {
    const store = await open();
    await createBucket(store);
    await put(store, 'early');
    await put(store, 'late');
    const [early, late] = events;
    await store.commit([{ op: 'sent', id: early?.id ?? '', at: machineTime - 60_001 }]);
    await store.commit([{ op: 'sent', id: late?.id ?? '', at: machineTime }]);
    await reopen(store, 60_000);
    expect(events.map(({ id }) => id)).toEqual([late?.id]);
  });

  test('follow the rules of prefix and name', async () => {
    const store = await open();
    await createBucket(store);
    await put(store, 'one', 'other/k');
    expect(events).toEqual([]);
    await put(store, 'one');
    await deleteCurrent(target(store));
    await deleteVersion(target(store), current(store)?.versionId ?? '');
    expect(events.map(({ name, etag, size }) => [name, etag, size])).toEqual([
      ['ObjectCreated:Put', 'e', 3],
      ['ObjectRemoved:DeleteMarkerCreated', 'd41d8cd98f00b204e9800998ecf8427e', null],
      ['ObjectRemoved:Delete', null, null],
    ]);
  });

  test('carry sequencers that rise, also when the machine lives in the past after a restart', async () => {
    const store = await open();
    await createBucket(store);
    await put(store, 'one');
    await put(store, 'two');
    const [first, second] = events.map(({ sequencer }) => sequencer);
    machineTime -= 86_400_000;
    const again = await reopen(store);
    events = [];
    await put(again, 'three');
    const third = events[0]?.sequencer ?? '';
    expect([first, second, third].toSorted()).toEqual([first, second, third]);
    expect(new Set([first, second, third]).size).toBe(3);
  });
});

describe('a conditional write', () => {
  test('conflicts with another current version than it saw', async () => {
    const store = await open();
    await createBucket(store);
    const seen = current(store);
    await put(store, 'other');
    const late = putVersion(
      target(store),
      { size: 0, etag: '', file: 'f', headers: {}, metadata: {}, checksum: { algorithm: 'crc64nvme', value: '' } },
      { current: seen },
    );
    await expect(late).rejects.toMatchObject({ code: 'ConditionalRequestConflict', status: 409 });
  });
});
