import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { TABLE } from '../../core/config/names.ts';
import type { LivingRecord } from '../record/record.ts';
import { ownerShard, recordKey } from './index-keys.ts';
import { fromItem, toItem } from './item.ts';
import type { RecordStore } from './record-store.ts';

/** Whether DynamoDB refused a write because its condition did not hold. */
export const isConditionFailed = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ConditionalCheckFailedException';

const isLiving = (record: { readonly state: string }): record is LivingRecord => record.state !== 'PURGED';

/** Records of one cell in its DynamoDB table: strong reads, single-item writes over an exact version, no transactions. */
export const createDynamoStore = (deps: { readonly client: DynamoDBClient; readonly table: string }): RecordStore => {
  const documents = DynamoDBDocumentClient.from(deps.client, { marshallOptions: { removeUndefinedValues: true } });
  const TableName = deps.table;
  return {
    get: async (ownerKey, id, { signal }) => {
      const Key = { [TABLE.partitionKey]: recordKey(ownerKey, id) };
      const { Item } = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }), {
        abortSignal: signal,
      });
      return Item === undefined ? null : fromItem(Item);
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
