import type { Fact } from '../record/facts.ts';
import type { StoredRecord } from '../record/record.ts';
import type { CallOptions, RecordStore } from '../store/record-store.ts';
import { type RecordDeps, recordFact } from './record-fact.ts';

/** Records by upload id, as they were read ahead. */
export type ReadAhead = ReadonlyMap<string, StoredRecord | null>;

/** Records one fact; gives the record as it then stands. */
export type RecordOne = (fact: Fact, options: CallOptions) => Promise<StoredRecord | null>;

/**
 * A store for the facts of one upload in one batch: what was read or written last, or ahead, is not read again. After a write that did
 * not succeed it forgets it, so the next look is a fresh one.
 */
const createGroupStore = (store: RecordStore, known: StoredRecord | null | undefined): RecordStore => {
  let held: { readonly record: StoredRecord | null } | null = known === undefined ? null : { record: known };
  return {
    ...store,
    get: async (ownerKey, id, options) => {
      held ??= { record: await store.get(ownerKey, id, options) };
      return held.record;
    },
    put: async (record, options) => {
      held = null;
      const written = await store.put(record, options);
      if (written) held = { record: { ...record, version: record.version + 1 } };
      return written;
    },
  };
};

/** Records the facts of a batch: those of one upload one after the other over one read, those of different uploads beside each other. */
export const groupByUpload = (deps: RecordDeps, ahead: ReadAhead): RecordOne => {
  const groups = new Map<string, { readonly deps: RecordDeps; last: Promise<unknown> }>();
  return (fact, options) => {
    const group = groups.get(fact.of.id) ?? {
      deps: { ...deps, store: createGroupStore(deps.store, ahead.get(fact.of.id)) },
      last: Promise.resolve(),
    };
    groups.set(fact.of.id, group);
    const next = group.last.then(() => recordFact(group.deps, fact, options));
    group.last = next.catch(() => undefined);
    return next;
  };
};
