import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeBase32 } from '../../core/contract/base32.ts';
import type { LivingRecord, RecordIn } from '../record/record.ts';
import { RECORDS } from '../testing/records.ts';
import { grantUpload } from '../testing/subjects.ts';
import { shardsOf } from './index-keys.ts';
import type { OwnerPage, RecordStore } from './record-store.ts';

const options = () => ({ signal: AbortSignal.timeout(5_000) });

/** 32 base32 characters no other test uses. */
const newOwner = (): string => encodeBase32(randomBytes(20));

/** What every record store promises. `open` gives a store whose table exists. */
export const describeRecordStore = (
  name: string,
  open: () => Promise<{ readonly store: RecordStore; close(): Promise<void> }>,
): void => {
  describe(`${name} as a record store`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let store: RecordStore;
    let ownerKey: string;

    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      ownerKey = newOwner();
    });

    const fresh = (seed: string, change: Partial<RecordIn<'CREATED'>> = {}): RecordIn<'CREATED'> => {
      const upload = grantUpload({ seed, ownerKey });
      return { ...RECORDS.CREATED, id: upload.subject.id, ownerKey, version: 0, ...change };
    };

    it('has no record before one is written', async () => {
      expect(await store.get(ownerKey, fresh('a').id, options())).toBeNull();
    });

    it.each(Object.values(RECORDS))('gives back a record in state $state as it was written', async (example) => {
      const record = { ...example, id: fresh('a').id, ownerKey, version: 0 };
      expect(await store.put(record, options())).toBe(true);
      expect(await store.get(ownerKey, record.id, options())).toEqual({ ...record, version: 1 });
    });

    it('keeps metadata whatever its members are called', async () => {
      const metadata = JSON.parse('{"__proto__":"p","constructor":"c","":"empty","é":"\\u0000"}') as Record<
        string,
        string
      >;
      const grant = { name: 'a', type: 'b/c', sha256: null, metadata };
      const record = fresh('a', { grant });
      await store.put(record, options());
      const read = (await store.get(ownerKey, record.id, options())) as LivingRecord;
      expect(Object.entries(read.grant?.metadata ?? {}).sort()).toEqual(Object.entries(metadata).sort());
    });

    it('counts every write and refuses one over another version', async () => {
      const record = fresh('a');
      expect(await store.put(record, options())).toBe(true);
      expect(await store.put(record, options())).toBe(false);
      expect(await store.put({ ...record, version: 2 }, options())).toBe(false);
      expect(await store.put({ ...record, version: 1, uploadId: 'second' }, options())).toBe(true);
      expect(await store.get(ownerKey, record.id, options())).toMatchObject({ version: 2, uploadId: 'second' });
    });

    it('reads many at once, also more than one request of DynamoDB holds, and says which do not exist', async () => {
      const records = Array.from({ length: 120 }, (_, index) => fresh(`many at once ${index}`));
      const written = records.filter((_, index) => index % 10 === 0);
      for (const record of written) await store.put(record, options());
      const asked = [...records, ...records.slice(0, 3)];
      const found = await store.getMany(asked, options());
      expect(found.size).toBe(120);
      for (const record of records) {
        const there = written.includes(record);
        expect(found.get(record.id)).toEqual(there ? { ...record, version: 1 } : null);
      }
      expect(await store.getMany([], options())).toEqual(new Map());
    });

    it('keeps owners apart when it reads many', async () => {
      const record = fresh('a');
      await store.put(record, options());
      const foreign = { ownerKey: newOwner(), id: record.id };
      expect(await store.getMany([foreign], options())).toEqual(new Map([[record.id, null]]));
    });

    it('refuses a write over a record that is not there', async () => {
      expect(await store.put({ ...fresh('a'), version: 1 }, options())).toBe(false);
      expect(await store.get(ownerKey, fresh('a').id, options())).toBeNull();
    });

    it('lets one of many writers at once win', async () => {
      const writers = Array.from({ length: 10 }, (_, index) =>
        store.put(fresh('a', { uploadId: `w${index}` }), options()),
      );
      expect((await Promise.all(writers)).filter(Boolean)).toHaveLength(1);
    });

    it('keeps owners apart, also for the same id', async () => {
      const record = fresh('a');
      await store.put(record, options());
      expect(await store.get(newOwner(), record.id, options())).toBeNull();
    });

    it('forgets what a later write leaves out', async () => {
      const record = fresh('a', { dueAt: '2026-11-20T12:03:00.000Z' });
      await store.put(record, options());
      await store.put({ ...record, dueAt: null, version: 1 }, options());
      expect(await store.get(ownerKey, record.id, options())).toMatchObject({ dueAt: null });
    });

    const read = (shard: number, before: string | null, limit = 100): Promise<OwnerPage> =>
      store.listByOwner({ ownerKey, shard, before, limit }, options());

    const minute = (index: number): string => `2026-11-20T12:${String(index).padStart(2, '0')}:00.000Z`;

    const writeMany = async (count: number): Promise<LivingRecord[]> => {
      const records = Array.from({ length: count }, (_, index) => fresh(`many ${index}`, { createdAt: minute(index) }));
      for (const record of records) await store.put(record, options());
      return records.reverse();
    };

    it('lists each record in its shard, newest first', async () => {
      const records = await writeMany(12);
      for (const shard of [0, 1, 2, 3]) {
        const want = records.filter(({ id }) => shardsOf(id).byOwner === shard).map(({ id }) => id);
        const page = await read(shard, null);
        expect(page.records.map(({ id }) => id)).toEqual(want);
        expect(page.more).toBe(false);
      }
    });

    it('goes on strictly after a position, and says whether there is more', async () => {
      const records = await writeMany(12);
      const [shard = 0] = [0, 1, 2, 3].sort(
        (a, b) =>
          records.filter(({ id }) => shardsOf(id).byOwner === b).length -
          records.filter(({ id }) => shardsOf(id).byOwner === a).length,
      );
      const mine = records.filter(({ id }) => shardsOf(id).byOwner === shard);
      const found: string[] = [];
      let before: string | null = null;
      for (let page = 0; page < 20; page += 1) {
        const { records: some, more } = await read(shard, before, 1);
        expect(some.length).toBeLessThanOrEqual(1);
        for (const record of some) {
          found.push(record.id);
          before = `${record.createdAt}#${record.id}`;
        }
        if (!more) break;
      }
      expect(mine.length).toBeGreaterThan(2);
      expect(found).toEqual(mine.map(({ id }) => id));
    });

    it('lists no tombstones', async () => {
      const [record] = await writeMany(1);
      if (record === undefined) throw new Error('nothing was written');
      await store.put({ state: 'PURGED', id: record.id, ownerKey, version: 1 }, options());
      expect((await read(shardsOf(record.id).byOwner, null)).records).toEqual([]);
    });

    it('moves a record in the list when an earlier creation is heard of', async () => {
      const record = fresh('a', { createdAt: minute(30) });
      await store.put(record, options());
      await store.put({ ...record, createdAt: minute(10), version: 1 }, options());
      const shard = shardsOf(record.id).byOwner;
      expect((await read(shard, `${minute(20)}#`)).records).toHaveLength(1);
      expect((await read(shard, `${minute(5)}#`)).records).toHaveLength(0);
    });

    it('ends when its signal does', async () => {
      const signal = AbortSignal.abort();
      await expect(store.get(ownerKey, fresh('a').id, { signal })).rejects.toThrow();
    });
  });
};
