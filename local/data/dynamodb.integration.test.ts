import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DataServices, startData } from './start.ts';
import {
  ADMIN,
  dataOptions,
  dynamoOf,
  ENDED,
  endpointsOf,
  keysOf,
  NAMES,
  ROLE,
  removeFolder,
  temporaryFolder,
} from './test-stage.ts';

const folder = temporaryFolder();
const TableName = NAMES.table;
let services: DataServices;
let endpoint: string;

beforeAll(async () => {
  services = await startData(dataOptions(folder));
  endpoint = endpointsOf(services.urls).dynamodb;
});

afterAll(async () => {
  await services.stop();
  removeFolder(folder);
});

beforeEach(() => services.clearFaults());

const item = (pk: string, createdId: string) => ({
  pk: { S: pk },
  ownerShard: { S: 'owner#0' },
  createdId: { S: createdId },
});
const put = (pk: string, client = dynamoOf(endpoint)) =>
  client.send(new PutItemCommand({ TableName, Item: item(pk, pk), ConditionExpression: 'attribute_not_exists(pk)' }));
const get = (pk: string, client = dynamoOf(endpoint)) =>
  client.send(new GetItemCommand({ TableName, Key: { pk: { S: pk } }, ConsistentRead: true }));
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

describe('the table', () => {
  it('has the design’s key and both indexes, ready at once', async () => {
    const { Table } = await dynamoOf(endpoint).send(new DescribeTableCommand({ TableName }));
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(Table?.KeySchema).toEqual([{ AttributeName: 'pk', KeyType: 'HASH' }]);
    expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).sort()).toEqual(['byOwner', 'due']);
  });

  it('writes under conditions and reads by index in order', async () => {
    await put('o#1');
    await put('o#2');
    await expect(put('o#1')).rejects.toBeInstanceOf(ConditionalCheckFailedException);
    const page = await dynamoOf(endpoint).send(
      new QueryCommand({
        TableName,
        IndexName: 'byOwner',
        KeyConditionExpression: 'ownerShard = :owner',
        ExpressionAttributeValues: { ':owner': { S: 'owner#0' } },
        ScanIndexForward: false,
      }),
    );
    expect(page.Items?.map(({ pk }) => pk?.S)).toEqual(['o#2', 'o#1']);
  });

  it('drops an item from a sparse index when its keys are removed', async () => {
    const client = dynamoOf(endpoint);
    const due = () =>
      client.send(
        new QueryCommand({
          TableName,
          IndexName: 'due',
          KeyConditionExpression: 'dueShard = :shard',
          ExpressionAttributeValues: { ':shard': { S: '3' } },
        }),
      );
    await client.send(
      new PutItemCommand({
        TableName,
        Item: { ...item('due#1', 'x'), dueShard: { S: '3' }, dueAt: { S: '2026-01-01T00:00:00.000Z' } },
      }),
    );
    expect((await due()).Count).toBe(1);
    await client.send(
      new UpdateItemCommand({ TableName, Key: { pk: { S: 'due#1' } }, UpdateExpression: 'REMOVE dueShard, dueAt' }),
    );
    expect((await due()).Count).toBe(0);
  });
});

describe('signatures', () => {
  it('of a role with its session token are accepted', async () => {
    expect(await refusal(get('nothing', dynamoOf(endpoint, keysOf(ROLE))))).toBe('accepted');
  });

  it.each([
    ['another secret', keysOf(ADMIN, { secretAccessKey: 'wrong' }), 'InvalidSignatureException'],
    ['an unknown key', keysOf(ADMIN, { accessKeyId: 'NOBODY' }), 'UnrecognizedClientException'],
    ['another session token', keysOf(ROLE, { sessionToken: 'other' }), 'UnrecognizedClientException'],
    ['credentials that have ended', keysOf(ENDED), 'ExpiredTokenException'],
  ])('with %s are refused', async (_what, keys, code) => {
    expect(await refusal(get('x', dynamoOf(endpoint, keys)))).toBe(code);
  });

  it('for another Region are refused', async () => {
    expect(await refusal(get('x', dynamoOf(endpoint, keysOf(ADMIN), 'us-east-1')))).toBe(
      'IncompleteSignatureException',
    );
  });

  it('are needed, also of a page that a browser shows', async () => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.ListTables' },
      body: '{}',
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      __type: 'com.amazon.coral.service#MissingAuthenticationTokenException',
    });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('permissions', () => {
  const role = () => dynamoOf(endpoint, keysOf(ROLE));
  const query = (IndexName?: string) =>
    new QueryCommand({
      TableName,
      ...(IndexName === undefined ? {} : { IndexName }),
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': IndexName === 'due' ? 'dueShard' : 'ownerShard' },
      ExpressionAttributeValues: { ':value': { S: 'x' } },
    });

  it('of an index are for that index alone', async () => {
    expect(await refusal(role().send(query('byOwner')))).toBe('accepted');
    expect(await refusal(role().send(query('due')))).toBe('AccessDeniedException');
    expect(await refusal(role().send(query()))).toBe('AccessDeniedException');
  });

  it('of reading are not for writing, scanning, or another table', async () => {
    expect(await refusal(put('forbidden', role()))).toBe('AccessDeniedException');
    expect(await refusal(role().send(new ScanCommand({ TableName })))).toBe('AccessDeniedException');
    const other = new GetItemCommand({ TableName: 'other', Key: { pk: { S: 'x' } } });
    expect(await refusal(role().send(other))).toBe('AccessDeniedException');
    expect((await get('forbidden')).Item).toBeUndefined();
  });
});

describe('injected faults', () => {
  it('fail before acting', async () => {
    services.addFault({ service: 'dynamodb', mode: 'fail', action: 'PutItem', resource: TableName });
    expect(await refusal(put('fault#1'))).toBe('InternalServerError');
    expect((await get('fault#1')).Item).toBeUndefined();
    expect(await refusal(put('fault#1'))).toBe('accepted');
  });

  it('act and drop the answer', async () => {
    services.addFault({ service: 'dynamodb', mode: 'drop', action: 'PutItem' });
    expect(await refusal(put('fault#2'))).not.toBe('accepted');
    expect((await get('fault#2')).Item?.['pk']?.S).toBe('fault#2');
  });

  it('answer late, or as throttled', async () => {
    services.addFault({ service: 'dynamodb', mode: 'delay', delayMs: 300 });
    const startedAt = Date.now();
    await get('x');
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(290);
    services.addFault({
      service: 'dynamodb',
      mode: 'fail',
      status: 400,
      code: 'ProvisionedThroughputExceededException',
    });
    expect(await refusal(get('x'))).toBe('ProvisionedThroughputExceededException');
  });
});
