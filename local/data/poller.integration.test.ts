import {
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { arns } from '../../core/config/names.ts';
import { type Invocable, type Poller, type PollerOptions, readFailures, startPoller } from './poller.ts';
import { type DataServices, startData } from './start.ts';
import { CELL, dataOptions, endpointsOf, NAMES, removeFolder, sqsOf, temporaryFolder, urlOf } from './test-stage.ts';

const folder = temporaryFolder();
let services: DataServices;
let endpoint: string;
let client: SQSClient;
let pollers: Poller[] = [];

beforeAll(async () => {
  services = await startData(dataOptions(folder));
  endpoint = endpointsOf(services.urls).sqs;
  client = sqsOf(endpoint);
});

afterEach(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  pollers = [];
  for (const name of [NAMES.eventsQueue, NAMES.eventsDeadLetterQueue]) {
    await client.send(new PurgeQueueCommand({ QueueUrl: urlOf(endpoint, name) }));
  }
});

afterAll(async () => {
  client.destroy();
  await services.stop();
  removeFolder(folder);
});

interface SqsEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly body: string;
    readonly eventSource: string;
    readonly eventSourceARN: string;
    readonly awsRegion: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
}
type Answer = Awaited<ReturnType<Invocable['invoke']>>;

const ok = (payload: unknown = { batchItemFailures: [] }): Answer => ({ ok: true, payload });

function poll(answer: (event: SqsEvent) => Answer | Promise<Answer>, change: Partial<PollerOptions> = {}) {
  const events: SqsEvent[] = [];
  const lines: string[] = [];
  const poller = startPoller({
    client,
    queueUrl: urlOf(endpoint, NAMES.eventsQueue),
    queueArn: arns.queue(CELL, NAMES.eventsQueue),
    region: CELL.region,
    batchSize: 10,
    windowSeconds: 0,
    maxConcurrency: 2,
    retrySeconds: 0,
    log: (line) => lines.push(line),
    target: {
      invoke: async (event) => {
        events.push(event as SqsEvent);
        return answer(event as SqsEvent);
      },
    },
    ...change,
  });
  pollers.push(poller);
  const seen = () => events.flatMap(({ Records }) => Records.map(({ body }) => body));
  return { events, lines, poller, seen };
}

const send = (...texts: string[]) =>
  client.send(
    new SendMessageBatchCommand({
      QueueUrl: urlOf(endpoint, NAMES.eventsQueue),
      Entries: texts.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
    }),
  );
const left = () => services.stats()['euw1']?.[NAMES.eventsQueue];
const dead = () => services.stats()['euw1']?.[NAMES.eventsDeadLetterQueue];

describe('an event source', () => {
  it('asks few times while it gathers a batch of messages that come one by one', async () => {
    const asked = vi.spyOn(client, 'send');
    try {
      const { events, seen } = poll(() => ok(), { batchSize: 100, windowSeconds: 1 });
      const texts = Array.from({ length: 25 }, (_, index) => String(index));
      for (const text of texts) {
        await send(text);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await vi.waitFor(() => expect(seen()).toHaveLength(25), 5_000);
      expect(events.length).toBeLessThanOrEqual(2);
      const receives = asked.mock.calls.filter(([command]) => command instanceof ReceiveMessageCommand);
      expect(receives.length).toBeLessThanOrEqual(14);
    } finally {
      asked.mockRestore();
    }
  });

  it('hands messages over as Lambda does, and deletes them when they are done', async () => {
    const { events } = poll(() => ok());
    await client.send(new SendMessageCommand({ QueueUrl: urlOf(endpoint, NAMES.eventsQueue), MessageBody: '{"a":1}' }));
    await vi.waitFor(() => expect(left()).toBe(0));
    expect(events).toHaveLength(1);
    expect(events[0]?.Records[0]).toMatchObject({
      body: '{"a":1}',
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:nearput-local-events',
      awsRegion: 'eu-west-1',
      attributes: { ApproximateReceiveCount: '1' },
    });
  });

  it('gathers more than one receive gives, and deletes every one of them', async () => {
    const tens = Array.from({ length: 3 }, (_, ten) => Array.from({ length: 10 }, (_, one) => `${ten}${one}`));
    for (const ten of tens) await send(...ten);
    const { events, lines, seen } = poll(() => ok(), { batchSize: 100, windowSeconds: 1 });
    await vi.waitFor(() => expect(left()).toBe(0), 5_000);
    expect(events).toHaveLength(1);
    expect(seen().sort()).toEqual(tens.flat());
    expect(lines).toEqual([]);
  });

  it('brings thousands of messages in batches of a hundred, each once, and dead-letters none', async () => {
    const bodies = Array.from({ length: 2_000 }, (_, number) => String(number).padStart(4, '0'));
    for (let at = 0; at < bodies.length; at += 10) await send(...bodies.slice(at, at + 10));
    expect(left()).toBe(2_000);
    const { events, lines, seen } = poll(() => ok(), { batchSize: 100, windowSeconds: 1 });
    await vi.waitFor(() => expect(left()).toBe(0), 10_000);
    expect(seen().toSorted()).toEqual(bodies);
    expect(Math.max(...events.map(({ Records }) => Records.length))).toBe(100);
    expect(dead()).toBe(0);
    expect(lines).toEqual([]);
  });

  it('redelivers only the messages that failed', async () => {
    let refused = false;
    const { seen } = poll(({ Records }) => {
      const bad = Records.find(({ body }) => body === 'bad');
      if (!bad || refused) return ok();
      refused = true;
      return ok({ batchItemFailures: [{ itemIdentifier: bad.messageId }] });
    });
    await send('good', 'bad', 'also good');
    await vi.waitFor(() => expect(left()).toBe(0));
    expect(seen().sort()).toEqual(['also good', 'bad', 'bad', 'good']);
  });

  it('dead-letters the one poison message after five receives and does the others once', async () => {
    const { seen } = poll(({ Records }) =>
      ok({
        batchItemFailures: Records.filter(({ body }) => body === 'poison').map(({ messageId }) => ({
          itemIdentifier: messageId,
        })),
      }),
    );
    await send('fine', 'poison', 'fine too');
    await vi.waitFor(() => expect(dead()).toBe(1), 5_000);
    expect(seen().filter((body) => body === 'poison')).toHaveLength(5);
    expect(
      seen()
        .filter((body) => body !== 'poison')
        .sort(),
    ).toEqual(['fine', 'fine too']);
    expect(left()).toBe(0);
  });

  it('redelivers the whole batch when the function fails', async () => {
    let calls = 0;
    const { seen, lines } = poll(() => {
      calls += 1;
      return calls === 1 ? { ok: false, kind: 'timeout', message: 'out of time' } : ok();
    });
    await send('a', 'b');
    await vi.waitFor(() => expect(left()).toBe(0));
    expect(seen().sort()).toEqual(['a', 'a', 'b', 'b']);
    expect(lines.join()).toContain('timeout: out of time');
  });

  it('tries a throttled batch again without spending a receive', async () => {
    let calls = 0;
    const { events } = poll(() => {
      calls += 1;
      return calls < 3 ? { ok: false, kind: 'throttled', message: 'no instance' } : ok();
    });
    await send('patient');
    await vi.waitFor(() => expect(left()).toBe(0), 5_000);
    expect(events.map(({ Records }) => Records[0]?.attributes['ApproximateReceiveCount'])).toEqual(['1', '1', '1']);
  });

  it('keeps within its concurrency and its batch size', async () => {
    let busy = 0;
    let most = 0;
    const { events } = poll(
      async () => {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise((resolve) => setTimeout(resolve, 30));
        busy -= 1;
        return ok();
      },
      { batchSize: 2 },
    );
    await send('1', '2', '3', '4', '5', '6', '7', '8', '9');
    await vi.waitFor(() => expect(left()).toBe(0), 5_000);
    expect(most).toBe(2);
    expect(Math.max(...events.map(({ Records }) => Records.length))).toBe(2);
  });

  it('holds a batch open for its window', async () => {
    const { events } = poll(() => ok(), { windowSeconds: 2 });
    await send('first');
    await new Promise((resolve) => setTimeout(resolve, 300));
    await send('second');
    await vi.waitFor(() => expect(left()).toBe(0), 5_000);
    expect(events.map(({ Records }) => Records.map(({ body }) => body))).toEqual([['first', 'second']]);
  });

  it('stops while it waits, within a second, and hides nothing', async () => {
    const { poller } = poll(() => ok());
    await new Promise((resolve) => setTimeout(resolve, 100));
    const startedAt = Date.now();
    await poller.stop();
    expect(Date.now() - startedAt).toBeLessThan(1_000);
    await send('for the next');
    const { seen } = poll(() => ok());
    await vi.waitFor(() => expect(seen()).toEqual(['for the next']), 3_000);
  });
});

describe('a function’s answer', () => {
  const ids = new Set(['a', 'b']);

  it.each([
    [{ batchItemFailures: [] }, []],
    [null, []],
    [undefined, []],
    [{}, []],
    [{ batchItemFailures: null }, []],
    [{ batchItemFailures: [{ itemIdentifier: 'a' }] }, ['a']],
    [{ batchItemFailures: [{ itemIdentifier: 'unknown' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ itemIdentifier: '' }] }, ['a', 'b']],
    [{ batchItemFailures: [{ itemIdentifier: null }] }, ['a', 'b']],
    [{ batchItemFailures: [{ id: 'a' }] }, ['a', 'b']],
    [{ batchItemFailures: 'a' }, ['a', 'b']],
    ['text', ['a', 'b']],
  ])('%j fails %j', (payload, failed) => {
    expect([...readFailures(payload, ids)].sort()).toEqual(failed);
  });
});
