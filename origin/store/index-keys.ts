import { SHARDS } from '../../core/config/names.ts';
import { parseId } from '../../core/contract/ids.ts';
import type { LivingRecord } from '../record/record.ts';

/** Partition key of a record. */
export const recordKey = (ownerKey: string, id: string): string => `${ownerKey}#${id}`;

/** Partition of one owner's records in the index by owner. */
export const ownerShard = (ownerKey: string, shard: number): string => `${ownerKey}#${shard}`;

/** Place of a record in its owner's time line, in all shards and cells. */
export const createdId = (record: Pick<LivingRecord, 'createdAt' | 'id'>): string => `${record.createdAt}#${record.id}`;

/** The shards of a record, from its nonce: as even as the nonce is random. Throws for an id that is none. */
export const shardsOf = (id: string): { readonly byOwner: number; readonly due: number } => {
  const nonce = parseId(id)?.nonce;
  if (nonce === undefined) throw new TypeError('only a parsed id has shards');
  return { byOwner: nonce.readUInt8(0) % SHARDS.byOwner, due: nonce.readUInt8(1) % SHARDS.due };
};
