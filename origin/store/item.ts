import * as v from 'valibot';
import { TABLE } from '../../core/config/names.ts';
import { type LivingRecord, type StoredRecord, StoredRecordSchema } from '../record/record.ts';
import { createdId, ownerShard, recordKey, shardsOf } from './index-keys.ts';

/** A table item, as the document client takes and gives it. */
export type Item = Record<string, unknown>;

/** Metadata is kept as JSON text: its names are the caller's, and ones like `constructor` do not survive as members of a map. */
const packGrant = (grant: LivingRecord['grant']): Item | null =>
  grant === null ? null : { ...grant, metadata: JSON.stringify(grant.metadata) };

const unpackGrant = (grant: unknown): unknown =>
  typeof grant === 'object' && grant !== null && 'metadata' in grant && typeof grant.metadata === 'string'
    ? { ...grant, metadata: JSON.parse(grant.metadata) }
    : grant;

/**
 * The item of a record: its members as they are, and the keys of the table and its indexes. A tombstone has no index keys, so no list and
 * no reconciler sees it; a record that is not due is not in the sparse index `due`.
 */
export const toItem = (record: StoredRecord): Item => {
  const key = { [TABLE.partitionKey]: recordKey(record.ownerKey, record.id) };
  if (record.state === 'PURGED') return { ...key, ...record };
  const { dueAt, ...members } = record;
  const shards = shardsOf(record.id);
  return {
    ...key,
    ...members,
    grant: packGrant(members.grant),
    [TABLE.byOwner.partitionKey]: ownerShard(record.ownerKey, shards.byOwner),
    [TABLE.byOwner.sortKey]: createdId(record),
    ...(dueAt === null ? {} : { [TABLE.due.partitionKey]: String(shards.due), [TABLE.due.sortKey]: dueAt }),
  };
};

/** Reads an item back; throws if it is none of ours. */
export const fromItem = (item: Item): StoredRecord => {
  const result = v.safeParse(StoredRecordSchema, { dueAt: null, ...item, grant: unpackGrant(item['grant']) });
  if (result.success) return result.output;
  const paths = result.issues.map((issue) => v.getDotPath(issue) ?? 'the item').join(', ');
  throw new Error(`an item of the record table cannot be read: ${paths}`);
};
