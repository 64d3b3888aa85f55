import type { StoredRecord } from '../record/record.ts';
import { createdId, ownerShard, recordKey, shardsOf } from '../store/index-keys.ts';
import { fromItem, type Item, toItem } from '../store/item.ts';
import type { RecordStore } from '../store/record-store.ts';

/** Records in memory, for tests: keeps items as DynamoDB would, so that whatever does not survive the table does not survive here. */
export const createMemoryStore = (): RecordStore & { all(): readonly StoredRecord[] } => {
  const items = new Map<string, Item>();
  const read = (item: Item): StoredRecord => fromItem(structuredClone(item));
  const find = (ownerKey: string, id: string): StoredRecord | null => {
    const item = items.get(recordKey(ownerKey, id));
    return item === undefined ? null : read(item);
  };
  return {
    get: async (ownerKey, id, { signal }) => {
      signal.throwIfAborted();
      return find(ownerKey, id);
    },
    getMany: async (uploads, { signal }) => {
      signal.throwIfAborted();
      return new Map(uploads.map(({ ownerKey, id }) => [id, find(ownerKey, id)]));
    },
    put: async (record, { signal }) => {
      signal.throwIfAborted();
      const key = recordKey(record.ownerKey, record.id);
      const held = items.get(key);
      if ((held?.['version'] ?? 0) !== record.version) return false;
      items.set(key, structuredClone(toItem({ ...record, version: record.version + 1 })));
      return true;
    },
    listByOwner: async ({ ownerKey, shard, before, limit }, { signal }) => {
      signal.throwIfAborted();
      const partition = ownerShard(ownerKey, shard);
      const found = [...items.values()]
        .map(read)
        .flatMap((record) => (record.state === 'PURGED' ? [] : [record]))
        .filter((record) => ownerShard(record.ownerKey, shardsOf(record.id).byOwner) === partition)
        .filter((record) => before === null || createdId(record) < before)
        .sort((a, b) => (createdId(a) < createdId(b) ? 1 : -1));
      return { records: found.slice(0, limit), more: found.length > limit };
    },
    all: () => [...items.values()].map(read),
  };
};
