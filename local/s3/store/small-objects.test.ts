import { appendFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../testing/platform.ts';
import { createNewFile } from './new-file.ts';
import type { ObjectVersion } from './records.ts';
import { SMALL_MAX_BYTES } from './small-files.ts';
import { openStore, type Store } from './store.ts';
import { beginUpload, completeUpload, findUpload, putPart } from './uploads.ts';
import { currentVersion, deleteVersion, putVersion, type WriteTarget } from './write.ts';

const SOURCE = { time: 1_700_000_000_123, requestId: 'R', hostId: 'H', principal: 'AWS:test', sourceIp: '127.0.0.1' };
const CHECKSUM = { algorithm: 'crc64nvme', value: '' } as const;
const FACTS = { etag: 'e', headers: {}, metadata: {}, checksum: CHECKSUM };

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: Store;

const open = async (): Promise<void> => {
  store = await openStore({ folder: folder.path, machineNow: () => SOURCE.time, resendWindowMs: 0, onEvent: () => {} });
};
const reopen = async (): Promise<void> => {
  await store.close();
  await open();
};
/** One start rewrites the log, the next one reads what it says then. */
const rewrite = async (): Promise<void> => {
  await Promise.all(Array.from({ length: 1_000 }, (_, i) => store.commit([{ op: 'sequence', value: `${i}` }])));
  await reopen();
  await reopen();
};
const target = (key = 'k'): WriteTarget => ({ store, bucket: 'b', key, source: SOURCE });
const newFile = async (...chunks: readonly Buffer[]): Promise<string> => {
  const file = createNewFile(store.files);
  for (const chunk of chunks) await file.write(chunk);
  return file.finish();
};
const put = async (bytes: Buffer, key = 'k'): Promise<ObjectVersion> => {
  const file = await newFile(bytes);
  return putVersion(target(key), { size: bytes.length, file, ...FACTS }, null);
};
const read = async (file: string, start: number, end: number): Promise<string> => {
  const opened = await store.files.open(file);
  try {
    return (await opened.read(start, end)).toString();
  } finally {
    await opened.close();
  }
};
const readCurrent = (key: string, start: number, end: number): Promise<string> => {
  const version = currentVersion(store, 'b', key);
  return read((version?.kind === 'object' && version.file) || '', start, end);
};
const inFolder = (): Promise<string[]> => readdir(join(folder.path, 'data'));
const log = (): Promise<string> => readFile(join(folder.path, 'log.jsonl'), 'utf8');

beforeEach(async () => {
  folder = await temporaryFolder();
  await open();
  await store.commit([
    {
      op: 'bucket',
      bucket: { name: 'b', createdAt: 1, versioning: 'enabled', cors: [], notifications: [], lifecycle: [] },
    },
  ]);
});
afterEach(async () => {
  await store.close();
  await folder.remove();
});

describe('a new file', () => {
  test('of 16 KiB is none in the folder, one of a byte more is', async () => {
    const most = await newFile(Buffer.alloc(SMALL_MAX_BYTES - 1, 'a'), Buffer.from('b'));
    expect(await inFolder()).toEqual([]);
    const more = await newFile(Buffer.alloc(SMALL_MAX_BYTES, 'c'), Buffer.from('d'));
    expect(await inFolder()).toEqual([more]);
    expect(await read(most, SMALL_MAX_BYTES - 2, SMALL_MAX_BYTES - 1)).toBe('ab');
    expect(await read(more, SMALL_MAX_BYTES - 1, SMALL_MAX_BYTES)).toBe('cd');
  });

  test('that is discarded leaves nothing', async () => {
    const file = createNewFile(store.files);
    await file.write(Buffer.alloc(SMALL_MAX_BYTES, 'a'));
    await file.write(Buffer.from('b'));
    expect(await inFolder()).toHaveLength(1);
    await file.discard();
    expect(await inFolder()).toEqual([]);
  });

  test('is read in chunks like any other, and says when bytes are missing', async () => {
    const opened = await store.files.open(await newFile(Buffer.from('0123456789')));
    const chunks: Buffer[] = [];
    for await (const chunk of opened.stream(2, 4)) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('234');
    await expect(opened.read(5, 11)).rejects.toThrow('a data file lacks 2 bytes of its record');
  });
});

describe('a small object', () => {
  test('is there after a restart, without a file', async () => {
    await put(Buffer.from('small'));
    expect(await inFolder()).toEqual([]);
    await reopen();
    expect(await readCurrent('k', 0, 4)).toBe('small');
    expect(await readCurrent('k', 1, 3)).toBe('mal');
  });

  test('that was not acknowledged is not there: its line is torn', async () => {
    await put(Buffer.from('whole'));
    await store.close();
    const [, line = ''] = (await log()).split('\n');
    expect(line).toContain('"base64":"d2hvbGU="');
    await appendFile(join(folder.path, 'log.jsonl'), line.replaceAll('d2hvbGU=', 'dG9ybg==').slice(0, -1));
    await open();
    expect(await readCurrent('k', 0, 4)).toBe('whole');
    expect(store.state.objects).toBe(1);
  });

  test('outlives the rewriting of the log; what was removed is in it no more', async () => {
    await put(Buffer.from('kept'), 'kept');
    const gone = await put(Buffer.from('gone'), 'gone');
    await deleteVersion(target('gone'), gone.versionId);
    await expect(store.files.open(gone.file ?? '')).rejects.toThrow('ENOENT');
    expect(await log()).toContain('Z29uZQ==');
    await rewrite();
    expect((await log()).split('\n')).toHaveLength(4); // sequence, bucket, the object, and the end
    expect(await log()).not.toContain('Z29uZQ==');
    expect(await readCurrent('kept', 0, 3)).toBe('kept');
    await expect(store.files.open(gone.file ?? '')).rejects.toThrow('ENOENT');
  });

  test('removed before a restart is not in memory after it, though the log still has its line', async () => {
    const gone = await put(Buffer.from('gone'));
    await deleteVersion(target(), gone.versionId);
    await reopen();
    expect(await log()).toContain('Z29uZQ==');
    await expect(store.files.open(gone.file ?? '')).rejects.toThrow('ENOENT');
  });

  test('is readable as long as somebody holds it', async () => {
    const { file, versionId } = await put(Buffer.from('small'));
    const release = store.files.hold([file ?? '']);
    await deleteVersion(target(), versionId);
    expect(await read(file ?? '', 0, 4)).toBe('small');
    await release();
    await expect(store.files.open(file ?? '')).rejects.toThrow('ENOENT');
  });

  test('whose bytes are an older file is read from it', async () => {
    await store.close();
    await mkdir(join(folder.path, 'data'), { recursive: true });
    await writeFile(join(folder.path, 'data', '00ff'), 'older');
    const line =
      '[{"op":"put","bucket":"b","key":"k","version":{"kind":"object","versionId":"v","lastModified":1000,"sequencer":"01","size":5,"etag":"e","file":"00ff","headers":{},"metadata":{},"checksum":{"algorithm":"crc64nvme","value":""}}}]';
    await appendFile(join(folder.path, 'log.jsonl'), `${line}\n`);
    await open();
    expect(await readCurrent('k', 1, 4)).toBe('lder');
    expect(await inFolder()).toEqual(['00ff']);
    await deleteVersion(target(), 'v');
    expect(await inFolder()).toEqual([]);
  });
});

describe('a small part', () => {
  const upload = async (): Promise<string> => {
    const checksum = { algorithm: 'crc64nvme', type: 'FULL_OBJECT', declared: false } as const;
    const draft = { initiatedAt: 0, checksum, initiator: 'i', headers: {}, metadata: {} };
    return (await beginUpload(target(), draft)).id;
  };
  const addPart = async (uploadId: string, text: string) => {
    const part = {
      number: 1,
      size: text.length,
      etag: 'e',
      file: await newFile(Buffer.from(text)),
      lastModified: 0,
      checksum: CHECKSUM,
    };
    await putPart(store, 'b', findUpload(store, 'b', 'k', uploadId), part);
    return part;
  };

  test('waits for the end of its upload, and is gone when another takes its place', async () => {
    const id = await upload();
    const first = await addPart(id, 'first');
    const second = await addPart(id, 'second');
    await expect(store.files.open(first.file)).rejects.toThrow('ENOENT');
    await rewrite();
    expect(await read(second.file, 0, 5)).toBe('second');
    expect(await inFolder()).toEqual([]);
  });

  test('becomes the object it completes', async () => {
    const id = await upload();
    const part = await addPart(id, 'part');
    const multipart = { uploadId: id, begunAs: '0', completedAt: 0, parts: [part] };
    const draft = { size: 4, file: null, multipart, ...FACTS };
    await completeUpload(target(), findUpload(store, 'b', 'k', id), async () => ({ draft, unchangedSince: null }));
    expect(await read(part.file, 0, 3)).toBe('part');
    await rewrite();
    expect(await read(part.file, 0, 3)).toBe('part');
    await deleteVersion(target(), currentVersion(store, 'b', 'k')?.versionId ?? '');
    await expect(store.files.open(part.file)).rejects.toThrow('ENOENT');
  });
});
