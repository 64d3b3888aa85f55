import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  type Message,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sessionAt } from '../support/role-sessions.ts';
import { type DataServices, startData } from './start.ts';
import {
  ADMIN,
  dataOptions,
  ENDED,
  endpointsOf,
  keysOf,
  NAMES,
  ROLE,
  removeFolder,
  SESSIONS,
  sqsOf,
  temporaryFolder,
  urlOf,
} from './test-stage.ts';

const folder = temporaryFolder();
let services: DataServices;
let endpoint: string;
let sqs: SQSClient;
let QueueUrl: string;

beforeAll(async () => {
  services = await startData(dataOptions(folder));
  endpoint = endpointsOf(services.urls).sqs;
  sqs = sqsOf(endpoint);
  QueueUrl = urlOf(endpoint, NAMES.eventsQueue);
});

afterAll(async () => {
  await services.stop();
  removeFolder(folder);
});

beforeEach(async () => {
  services.clearFaults();
  services.setClock(0);
  for (const name of [NAMES.eventsQueue, NAMES.eventsDeadLetterQueue, NAMES.refreshQueue]) {
    await sqs.send(new PurgeQueueCommand({ QueueUrl: urlOf(endpoint, name) }));
  }
});

async function receive(queue = QueueUrl, client = sqs, wait = 0): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queue,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: wait,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  return (await client.send(command)).Messages ?? [];
}

const send = (body: string, client = sqs) => client.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));
const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body).sort();
const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => 'accepted',
    (error: Error) => error.name,
  );

describe('signatures', () => {
  it('of the admin and of a role with its session token are accepted', async () => {
    await send('by admin');
    await send('by role', sqsOf(endpoint, keysOf(ROLE)));
    expect(bodies(await receive())).toEqual(['by admin', 'by role']);
  });

  it.each([
    ['another secret', keysOf(ADMIN, { secretAccessKey: 'wrong' }), 'SignatureDoesNotMatch'],
    ['an unknown key', keysOf(ADMIN, { accessKeyId: 'NOBODY' }), 'InvalidClientTokenId'],
    ['another session token', keysOf(ROLE, { sessionToken: 'other' }), 'InvalidClientTokenId'],
    ['no session token', keysOf(ROLE, { sessionToken: null }), 'InvalidClientTokenId'],
    ['credentials that have ended', keysOf(ENDED), 'ExpiredToken'],
  ])('with %s are refused', async (_what, keys, code) => {
    expect(await refusal(send('x', sqsOf(endpoint, keys)))).toBe(code);
    expect(await receive()).toEqual([]);
  });

  it('for another Region are refused', async () => {
    expect(await refusal(send('x', sqsOf(endpoint, keysOf(ADMIN), 'us-east-1')))).toBe('IncompleteSignature');
  });

  it('do not cover another body', async () => {
    const client = sqsOf(endpoint);
    client.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string | Uint8Array };
        request.body = Buffer.from(Buffer.from(request.body).toString().replace('original', 'replaced'));
        return next(args);
      },
      { step: 'finalizeRequest', priority: 'low' },
    );
    expect(await refusal(send('original', client))).toBe('SignatureDoesNotMatch');
    expect(await receive()).toEqual([]);
  });

  it('are needed', async () => {
    const answer = await fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' },
      body: '{}',
    });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ __type: 'com.amazonaws.sqs#MissingAuthenticationToken' });
  });

  it('of a session are accepted until it ends by the platform’s clock, and those of the next from then on', async () => {
    const [role] = SESSIONS.roles;
    if (role === undefined) throw new Error('there is no role with sessions');
    const at = (seconds: number) =>
      sqsOf(endpoint, keysOf(sessionAt(role, SESSIONS.since, Date.now() + seconds * 1_000)));
    const first = at(0);
    await send('before its end', first);
    services.setClock(21_600);
    expect(await refusal(send('after its end', first))).toBe('ExpiredToken');
    await send('by the next', at(21_600));
    expect(bodies(await receive())).toEqual(['before its end', 'by the next']);
  });

  it('hold by the platform’s clock as well as by the machine’s', async () => {
    services.setClock(3_600);
    await send('from the machine’s time');
    const ahead = sqsOf(endpoint);
    ahead.config.systemClockOffset = 3_600_000;
    await send('from the platform’s time', ahead);
    const behind = sqsOf(endpoint);
    behind.config.systemClockOffset = -3_600_000;
    expect(await refusal(send('from neither', behind))).toBe('SignatureDoesNotMatch');
  });
});

describe('permissions', () => {
  it('let a role do what its statements say and nothing else', async () => {
    const role = sqsOf(endpoint, keysOf(ROLE));
    await send('mine', role);
    expect(await refusal(receive(QueueUrl, role))).toBe('AccessDenied');
    const work = urlOf(endpoint, NAMES.workQueue);
    expect(await refusal(role.send(new SendMessageCommand({ QueueUrl: work, MessageBody: 'x' })))).toBe('AccessDenied');
    expect(await refusal(role.send(new PurgeQueueCommand({ QueueUrl })))).toBe('AccessDenied');
    expect(await refusal(role.send(new ListQueuesCommand({})))).toBe('AccessDenied');
  });

  it('are asked for the queue that the URL names', async () => {
    const missing = urlOf(endpoint, 'nobodys-queue');
    expect(await refusal(sqs.send(new SendMessageCommand({ QueueUrl: missing, MessageBody: 'x' })))).toBe(
      'QueueDoesNotExist',
    );
    const foreign = QueueUrl.replace('000000000000', '999999999999');
    expect(await refusal(sqs.send(new SendMessageCommand({ QueueUrl: foreign, MessageBody: 'x' })))).toBe(
      'QueueDoesNotExist',
    );
  });
});

describe('queues', () => {
  it('have AWS-shaped URLs on this endpoint, and the deployment’s settings', async () => {
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName: NAMES.eventsQueue }));
    expect(found.QueueUrl).toBe(`${endpoint}/000000000000/nearput-local-events`);
    expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toHaveLength(5);
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(Attributes).toMatchObject({
      QueueArn: 'arn:aws:sqs:eu-west-1:000000000000:nearput-local-events',
      VisibilityTimeout: '180',
      RedrivePolicy:
        '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:nearput-local-events-dead","maxReceiveCount":5}',
    });
  });

  it('keep attributes and hide a received message until it is given back', async () => {
    await sqs.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'x',
        MessageAttributes: { kind: { DataType: 'String', StringValue: 'test' } },
      }),
    );
    const [message] = await receive();
    expect(message?.MessageAttributes?.['kind']?.StringValue).toBe('test');
    expect(await receive()).toEqual([]);
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }),
    );
    const [again] = await receive();
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  it('answer a batch entry by entry', async () => {
    const answer = await sqs.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'good', MessageBody: 'fine' },
          { Id: 'bad', MessageBody: 'not \u0000 allowed' },
        ],
      }),
    );
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good']);
    expect(answer.Failed?.map(({ Id }) => Id)).toEqual(['bad']);
    expect(services.stats()['euw1']?.[NAMES.eventsQueue]).toBe(1);
  });

  it('move a message to the dead letters after five receives, and know it there', async () => {
    await send('poison');
    for (let i = 0; i < 5; i += 1) {
      const [message] = await receive();
      expect(message?.Body).toBe('poison');
      await sqs.send(
        new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }),
      );
    }
    expect(await receive()).toEqual([]);
    expect(services.stats()['euw1']).toMatchObject({
      [NAMES.eventsQueue]: 0,
      [NAMES.eventsDeadLetterQueue]: 1,
    });
    const dead = urlOf(endpoint, NAMES.eventsDeadLetterQueue);
    const [message] = await receive(dead);
    expect(message?.Body).toBe('poison');
    await sqs.send(new DeleteMessageCommand({ QueueUrl: dead, ReceiptHandle: message?.ReceiptHandle }));
    expect(services.stats()['euw1']?.[NAMES.eventsDeadLetterQueue]).toBe(0);
  });

  it('take a FIFO message once per deduplication id and journal it once', async () => {
    const refresh = urlOf(endpoint, NAMES.refreshQueue);
    const ask = () =>
      sqs.send(
        new SendMessageCommand({
          QueueUrl: refresh,
          MessageBody: 'acme',
          MessageGroupId: 'acme',
          MessageDeduplicationId: 'acme-1',
        }),
      );
    const [first, second] = [await ask(), await ask()];
    expect(second.MessageId).toBe(first.MessageId);
    expect(services.stats()['euw1']?.[NAMES.refreshQueue]).toBe(1);
    expect(bodies(await receive(refresh))).toEqual(['acme']);
  });

  it('wake a receiver that waits, and lose nothing to one that hung up', async () => {
    const gone = new AbortController();
    const waiting = sqs
      .send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: gone.signal })
      .catch((error: Error) => error.name);
    await new Promise((resolve) => setTimeout(resolve, 100));
    gone.abort();
    expect(await waiting).toBe('AbortError');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await send('precious');
    expect(bodies(await receive(QueueUrl, sqs, 2))).toEqual(['precious']);
  });
});

describe('injected faults', () => {
  it('fail before acting, or act and drop the answer', async () => {
    services.addFault({ service: 'sqs', mode: 'fail', action: 'SendMessage' });
    expect(await refusal(send('first'))).toBe('InternalServerError');
    services.addFault({ service: 'sqs', mode: 'drop', action: 'SendMessage' });
    expect(await refusal(send('second'))).not.toBe('accepted');
    expect(bodies(await receive())).toEqual(['second']);
  });
});
