import type { LivingRecord, StoredRecord } from '../record/record.ts';

/** One shard of one owner's records, newest first. */
export type OwnerQuery = {
  readonly ownerKey: string;
  /** 0–3. */
  readonly shard: number;
  /** Only records whose `createdAt#id` is less; `null`: from the newest. */
  readonly before: string | null;
  /** Index items read at most. */
  readonly limit: number;
};

/** `more`: older items may follow after the last one. */
export type OwnerPage = { readonly records: readonly LivingRecord[]; readonly more: boolean };

/** What every call takes: it ends, with an error, when the signal does. */
export type CallOptions = { readonly signal: AbortSignal };

/** What names a record; maps of records are by `id`. */
export type UploadKey = { readonly ownerKey: string; readonly id: string };

/** Where one cell keeps its records. Every function throws for a store that does not answer. */
export type RecordStore = {
  /** The record as the last write left it; `null` if there is none. */
  get(ownerKey: string, id: string, options: CallOptions): Promise<StoredRecord | null>;
  /**
   * Records of different uploads, each as the last write before it left it; `null` for one that does not exist. What the store left
   * unanswered is not in the map, and has to be asked for alone.
   */
  getMany(uploads: readonly UploadKey[], options: CallOptions): Promise<ReadonlyMap<string, StoredRecord | null>>;
  /**
   * Writes a record over exactly the version it was read at (0: over none) and counts it up. `false`: another write came first, or this
   * very write was already done and its answer lost; read again and decide again.
   */
  put(record: StoredRecord, options: CallOptions): Promise<boolean>;
  listByOwner(query: OwnerQuery, options: CallOptions): Promise<OwnerPage>;
};
