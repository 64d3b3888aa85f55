import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../state/memory-store.ts';
import type { SavedUpload } from '../state/saved-upload.ts';
import { stateStoreSuite } from '../state/state-store.suite.ts';
import { createFileStore } from './file-store.ts';

const root = mkdtempSync(join(tmpdir(), 'nearput-state-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const freshFolder = () => join(mkdtempSync(join(root, 'store-')), 'state');

const KEY = 'c'.repeat(64);
const UPLOAD: SavedUpload = {
  v: 1,
  id: 'euw1_x',
  uploadId: 'u',
  partSize: 5_242_880,
  partCount: 2,
  partChecksum: 'none',
  expiresAt: '2026-11-28T00:00:00.000Z',
};
const part = (number: number) => ({ number, crc64nvme: 'AAAAAAAAAAA=', sha256: null });

stateStoreSuite('the memory store', async () => {
  const store = createMemoryStore();
  return { store, reopen: () => store };
});

stateStoreSuite('the file store', async () => {
  const folder = freshFolder();
  return { store: createFileStore(folder), reopen: () => createFileStore(folder) };
});

describe('the file store', () => {
  const begun = async () => {
    const folder = freshFolder();
    const store = createFileStore(folder);
    await store.begin(KEY, UPLOAD);
    const [name = ''] = readdirSync(folder);
    return { folder, store, path: join(folder, name) };
  };

  it('keeps one file for each upload that only its owner can read', async () => {
    const { folder, store, path } = await begun();
    await store.addPart(KEY, part(1));
    expect(readdirSync(folder)).toHaveLength(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await store.remove(KEY);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('passes over a line that a crash cut short, and reads the one added after it', async () => {
    const { folder, store, path } = await begun();
    await store.addPart(KEY, part(1));
    appendFileSync(path, '{"number":2,"crc64n');
    const again = createFileStore(folder);
    await again.addPart(KEY, part(3));
    expect((await again.load(KEY))?.parts).toEqual([part(1), part(3)]);
  });

  it.each(['', 'not JSON\n', '{"v":2}\n', '[]'])('takes %j for no state', async (content) => {
    const { store, path } = await begun();
    writeFileSync(path, content);
    expect(await store.load(KEY)).toBeUndefined();
  });

  it('sweeps out what is older than any upload lives, and nothing else', async () => {
    const { folder, path } = await begun();
    const old = new Date(Date.now() - 8 * 24 * 3_600_000);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    for (const each of [path, join(folder, 'notes.txt')]) utimesSync(each, old, old);
    await createFileStore(folder).begin('d'.repeat(64), UPLOAD);
    expect(readdirSync(folder).toSorted()).toEqual([`${'d'.repeat(64)}.upload.jsonl`, 'notes.txt']);
    expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
  });
});
