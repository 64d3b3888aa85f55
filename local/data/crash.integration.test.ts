import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, it } from 'vitest';
import { dynamoOf, endpointsOf, forkData, NAMES, removeFolder, sqsOf, temporaryFolder, urlOf } from './test-stage.ts';

async function receive(client: SQSClient, QueueUrl: string): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageSystemAttributeNames: ['All'],
  });
  return (await client.send(command)).Messages ?? [];
}

const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body).sort();
const put = (client: DynamoDBClient, index: number) =>
  client.send(new PutItemCommand({ TableName: NAMES.table, Item: { pk: { S: `kept#${index}` } } }));
const get = (client: DynamoDBClient, index: number) =>
  client.send(
    new GetItemCommand({ TableName: NAMES.table, Key: { pk: { S: `kept#${index}` } }, ConsistentRead: true }),
  );

it('after kill -9 every message that was accepted and not deleted comes again, and no other', async () => {
  const own = temporaryFolder();
  const before = await forkData(own);
  const first = endpointsOf(before.urls).sqs;
  const client = sqsOf(first);
  const queue = urlOf(first, NAMES.eventsQueue);
  const refresh = urlOf(first, NAMES.refreshQueue);
  const Entries = ['deleted', 'in flight', 'untouched', 'deleted too'].map((MessageBody, index) => ({
    Id: String(index),
    MessageBody,
  }));
  await client.send(new SendMessageBatchCommand({ QueueUrl: queue, Entries }));
  await client.send(
    new SendMessageCommand({
      QueueUrl: refresh,
      MessageBody: 'fifo',
      MessageGroupId: 'g',
      MessageDeduplicationId: 'd',
    }),
  );
  const received = await receive(client, queue);
  const handle = (body: string) => received.find(({ Body }) => Body === body)?.ReceiptHandle;
  await client.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle: handle('deleted') }));
  await client.send(
    new DeleteMessageBatchCommand({
      QueueUrl: queue,
      Entries: [{ Id: 'a', ReceiptHandle: handle('deleted too') }],
    }),
  );
  await before.kill();

  const after = await forkData(own);
  const second = endpointsOf(after.urls).sqs;
  const again = sqsOf(second);
  expect(bodies(await receive(again, urlOf(second, NAMES.eventsQueue)))).toEqual(['in flight', 'untouched']);
  const [fifo] = await receive(again, urlOf(second, NAMES.refreshQueue));
  expect(fifo).toMatchObject({ Body: 'fifo', Attributes: { MessageGroupId: 'g', MessageDeduplicationId: 'd' } });
  await after.kill();
  removeFolder(own);
});

it('after kill -9 every answered write is there', async () => {
  const own = temporaryFolder();
  const before = await forkData(own);
  const client = dynamoOf(endpointsOf(before.urls).dynamodb);
  await Promise.all(Array.from({ length: 50 }, (_, index) => put(client, index)));
  await before.kill();
  const after = await forkData(own);
  const again = dynamoOf(endpointsOf(after.urls).dynamodb);
  const found = await Promise.all(Array.from({ length: 50 }, (_, index) => get(again, index)));
  expect(found.filter(({ Item }) => Item === undefined)).toEqual([]);
  await after.kill();
  removeFolder(own);
});
