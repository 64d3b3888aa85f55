import { describe, expect, it } from 'vitest';
import type { SavedFinish, SavedPart, SavedUpload } from './saved-upload.ts';
import type { StateStore } from './state-store.ts';

const KEY = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);
const UPLOAD: SavedUpload = {
  v: 1,
  id: `euw1_${'a'.repeat(71)}`,
  uploadId: 'an-upload',
  partSize: 8_388_608,
  partCount: 3,
  partChecksum: 'none',
  expiresAt: '2026-11-28T00:00:00.000Z',
};
const FINISH: SavedFinish = { v: 1, id: UPLOAD.id, finishedAt: new Date().toISOString() };
const part = (number: number, crc64nvme = 'AAAAAAAAAAA='): SavedPart => ({ number, crc64nvme, sha256: null });

/** What every state store must do. `reopen` gives a second store on the same place. */
export const stateStoreSuite = (
  name: string,
  open: () => Promise<{ readonly store: StateStore; readonly reopen: () => StateStore }>,
): void => {
  describe(name, () => {
    it('knows nothing at first, and forgets what it never knew', async () => {
      const { store } = await open();
      await store.remove(KEY);
      expect(await store.load(KEY)).toBeUndefined();
    });

    it('gives back an upload and its parts, also to another store on the same place', async () => {
      const { store, reopen } = await open();
      await store.begin(KEY, UPLOAD);
      await store.addPart(KEY, part(2));
      await store.addPart(KEY, part(1));
      for (const each of [store, reopen()]) {
        const state = await each.load(KEY);
        expect(state?.upload).toEqual(UPLOAD);
        expect(state?.parts.toSorted((a, b) => a.number - b.number)).toEqual([part(1), part(2)]);
      }
    });

    it('keeps the last of a part that was added twice', async () => {
      const { store } = await open();
      await store.begin(KEY, UPLOAD);
      await store.addPart(KEY, part(1));
      await store.addPart(KEY, part(1, 'AAAAAAAAAAE='));
      expect((await store.load(KEY))?.parts).toEqual([part(1, 'AAAAAAAAAAE=')]);
    });

    it('begins anew without the parts of before', async () => {
      const { store } = await open();
      await store.begin(KEY, UPLOAD);
      await store.addPart(KEY, part(1));
      await store.begin(KEY, { ...UPLOAD, uploadId: 'another' });
      expect(await store.load(KEY)).toEqual({ upload: { ...UPLOAD, uploadId: 'another' }, parts: [] });
    });

    it('keeps keys apart and forgets only the one it is told', async () => {
      const { store } = await open();
      await store.begin(KEY, UPLOAD);
      await store.begin(OTHER, { ...UPLOAD, uploadId: 'another' });
      await store.addPart(OTHER, part(3));
      await store.remove(KEY);
      expect(await store.load(KEY)).toBeUndefined();
      expect((await store.load(OTHER))?.parts).toEqual([part(3)]);
    });

    it('adds no part to what was forgotten', async () => {
      const { store } = await open();
      await store.begin(KEY, UPLOAD);
      await store.remove(KEY);
      await store.addPart(KEY, part(1));
      expect(await store.load(KEY)).toBeUndefined();
    });

    it('has a finished upload in the place of the open one, also for another store on the same place', async () => {
      const { store, reopen } = await open();
      await store.begin(KEY, UPLOAD);
      await store.addPart(KEY, part(1));
      expect(await store.loadFinished(KEY)).toBeUndefined();
      await store.finish(KEY, FINISH);
      for (const each of [store, reopen()]) {
        expect(await each.loadFinished(KEY)).toEqual(FINISH);
        expect(await each.load(KEY)).toBeUndefined();
      }
      expect(await store.loadFinished(OTHER)).toBeUndefined();
    });

    it('begins anew where one was finished, and forgets a finished one', async () => {
      const { store } = await open();
      await store.finish(KEY, FINISH);
      await store.begin(KEY, UPLOAD);
      expect(await store.loadFinished(KEY)).toBeUndefined();
      expect(await store.load(KEY)).toEqual({ upload: UPLOAD, parts: [] });
      await store.finish(KEY, FINISH);
      await store.remove(KEY);
      expect(await store.loadFinished(KEY)).toBeUndefined();
    });

    it('takes parts from many sides at once', async () => {
      const { store } = await open();
      await store.begin(KEY, { ...UPLOAD, partCount: 40 });
      await Promise.all(Array.from({ length: 40 }, (_, index) => store.addPart(KEY, part(index + 1))));
      expect((await store.load(KEY))?.parts).toHaveLength(40);
    });
  });
};
