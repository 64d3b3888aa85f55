import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
// @ts-expect-error: the package has no types
import untyped from 'dynalite';
import { describe, expect, it } from 'vitest';
import { TABLE } from '../../core/config/names.ts';
import { RECORDS } from '../testing/records.ts';
import { createTable } from '../testing/table.ts';
import { createDynamoStore } from './dynamo-store.ts';
import { shardsOf } from './index-keys.ts';
import { describeRecordStore } from './store.suite.ts';

const dynalite = untyped as (options: { readonly createTableMs: number }) => Server;

const listen = (server: Server): Promise<string> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });

const clientOf = (endpoint: string): DynamoDBClient =>
  new DynamoDBClient({
    endpoint,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });

/** A table of its own on the chosen endpoint, or on one started here. */
const openTable = async () => {
  const chosen = process.env['NEARPUT_DYNAMODB_ENDPOINT'];
  const server = chosen === undefined ? dynalite({ createTableMs: 0 }) : null;
  const client = clientOf(chosen ?? (server === null ? '' : await listen(server)));
  const table = `records-${randomUUID()}`;
  await createTable(client, table);
  const close = async (): Promise<void> => {
    client.destroy();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  };
  return { client, table, store: createDynamoStore({ client, table }), close };
};

describeRecordStore(process.env['NEARPUT_DYNAMODB_ENDPOINT'] ?? 'dynalite', openTable);

describe('the DynamoDB store', () => {
  it('keeps only records that are due in the index `due`, and tombstones in none', async () => {
    const { client, table, store, close } = await openTable();
    const options = { signal: AbortSignal.timeout(5_000) };
    const due = async () => {
      const query = new QueryCommand({
        TableName: table,
        IndexName: TABLE.due.name,
        KeyConditionExpression: '#shard = :shard',
        ExpressionAttributeNames: { '#shard': TABLE.due.partitionKey },
        ExpressionAttributeValues: { ':shard': { S: String(shardsOf(RECORDS.CREATED.id).due) } },
      });
      return (await client.send(query)).Items?.map((item) => item[TABLE.due.sortKey]?.S);
    };
    const record = { ...RECORDS.CREATED, version: 0, dueAt: '2026-11-20T12:03:00.000Z' };
    await store.put(record, options);
    expect(await due()).toEqual(['2026-11-20T12:03:00.000Z']);
    await store.put({ ...record, dueAt: null, version: 1 }, options);
    expect(await due()).toEqual([]);
    await close();
  });

  it('throws for a table that does not answer, within its signal', async () => {
    const silent = createServer(() => undefined);
    const store = createDynamoStore({ client: clientOf(await listen(silent)), table: 'none' });
    await expect(store.get('a', 'b', { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    silent.closeAllConnections();
    await new Promise<void>((resolve) => silent.close(() => resolve()));
  });
});
