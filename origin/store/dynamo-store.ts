import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TABLE } from '../../core/config/names.ts';
import type { LivingRecord, StoredRecord } from '../record/record.ts';
import { ownerShard, recordKey } from './index-keys.ts';
import { fromItem, toItem } from './item.ts';
import type { RecordStore, UploadKey } from './record-store.ts';

/** Items of one BatchGetItem. Source: Amazon DynamoDB API Reference. */
const BATCH_MAX = 100;

/** Whether DynamoDB refused a write because its condition did not hold. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

/** Uploads in groups of one request each, without repetitions, which DynamoDB refuses. */
const inBatches = (uploads: readonly UploadKey[]): UploadKey[][] => {
  const distinct = [...new Map(uploads.map((upload) => [recordKey(upload.ownerKey, upload.id), upload])).values()];
  return Array.from({ length: Math.ceil(distinct.length / BATCH_MAX) }, (_, index) =>
    distinct.slice(index * BATCH_MAX, (index + 1) * BATCH_MAX),
  );
};

const isLiving = (record: { readonly state: string }): record is LivingRecord => record.state !== 'PURGED';

/** Records of one cell in its DynamoDB table: strong reads, single-item writes over an exact version, no transactions. */
export const createDynamoStore = (deps: { readonly client: DynamoDBClient; readonly table: string }): RecordStore => {
  const documents = DynamoDBDocumentClient.from(deps.client, { marshallOptions: { removeUndefinedValues: true } });
  const TableName = deps.table;
  const keyOf = ({ ownerKey, id }: UploadKey): string => recordKey(ownerKey, id);

  const getBatch = async (
    uploads: readonly UploadKey[],
    signal: AbortSignal,
  ): Promise<(readonly [id: string, record: StoredRecord | null])[]> => {
    const Keys = uploads.map((upload) => ({ [TABLE.partitionKey]: keyOf(upload) }));
    const command = new BatchGetCommand({ RequestItems: { [TableName]: { Keys, ConsistentRead: true } } });
    const { Responses, UnprocessedKeys } = await documents.send(command, { abortSignal: signal });
    const items = new Map((Responses?.[TableName] ?? []).map((item) => [item[TABLE.partitionKey], item]));
    const left = new Set((UnprocessedKeys?.[TableName]?.Keys ?? []).map((key) => key[TABLE.partitionKey]));
    return uploads
      .filter((upload) => !left.has(keyOf(upload)))
      .map((upload) => {
        const item = items.get(keyOf(upload));
        return [upload.id, item === undefined ? null : fromItem(item)];
      });
  };

  return {
    get: async (ownerKey, id, { signal }) => {
      const Key = { [TABLE.partitionKey]: recordKey(ownerKey, id) };
      const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }), {
        abortSignal: signal,
      });
      return Item === undefined ? null : fromItem(Item);
    },
    getMany: async (uploads, { signal }) => {
      const batches = await Promise.all(inBatches(uploads).map((batch) => getBatch(batch, signal)));
      return new Map(batches.flat());
    },
    put: async (record, { signal }) => {
      const first = record.version === 0;
      const command = new PutCommand({
        TableName,
        Item: toItem({ ...record, version: record.version + 1 }),
        ConditionExpression: first ? 'attribute_not_exists(#pk)' : '#version = :version',
        ExpressionAttributeNames: first ? { '#pk': TABLE.partitionKey } : { '#version': 'version' },
        ...(first ? {} : { ExpressionAttributeValues: { ':version': record.version } }),
      });
      try {
        await documents.send(command, { abortSignal: signal });
        return true;
      } catch (error) {
        if (isConditionFailed(error)) return false;
        throw error;
      }
    },
    listByOwner: async ({ ownerKey, shard, before, limit }, { signal }) => {
      const command = new QueryCommand({
        TableName,
        IndexName: TABLE.byOwner.name,
        KeyConditionExpression: before === null ? '#shard = :shard' : '#shard = :shard AND #createdId < :before',
        ExpressionAttributeNames: {
          '#shard': TABLE.byOwner.partitionKey,
          ...(before === null ? {} : { '#createdId': TABLE.byOwner.sortKey }),
        },
        ExpressionAttributeValues: {
          ':shard': ownerShard(ownerKey, shard),
          ...(before === null ? {} : { ':before': before }),
        },
        ScanIndexForward: false,
        Limit: limit,
      });
      const { Items, LastEvaluatedKey } = await documents.send(command, { abortSignal: signal });
      return { records: (Items ?? []).map(fromItem).filter(isLiving), more: LastEvaluatedKey !== undefined };
    },
  };
};
