import { buildApp } from 'fauxqs';

/** A queue with its attributes as SQS names them. */
export interface QueueSpec {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EngineAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Queues in memory, reached by function call alone: nothing listens. */
export interface SqsEngine {
  /** One API call; `QueueUrl` in `input` only needs to end with the queue's name. */
  call(action: string, input: Readonly<Record<string, unknown>>): Promise<EngineAnswer>;
  /** Ids of the messages now in a queue, in flight or not. */
  messageIds(queue: string): Promise<ReadonlySet<string>>;
  close(): Promise<void>;
}

interface Inspection {
  readonly messages: {
    readonly ready: readonly { readonly messageId: string }[];
    readonly delayed: readonly { readonly messageId: string }[];
    readonly inflight: readonly { readonly message: { readonly messageId: string } }[];
  };
}

/** An engine of one Region with `queues`; those named by a redrive policy must come before those that have it. */
export async function createSqsEngine(region: string, queues: readonly QueueSpec[]): Promise<SqsEngine> {
  const app = buildApp({ logger: false, defaultRegion: region });
  await app.ready();
  const call: SqsEngine['call'] = async (action, input) => {
    const response = await app.inject({
      method: 'POST',
      url: '/',
      headers: {
        host: 'localhost',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
      },
      payload: JSON.stringify(input),
    });
    return { status: response.statusCode, body: JSON.parse(response.body) as Record<string, unknown> };
  };
  for (const { name, attributes } of queues) {
    const { status, body } = await call('CreateQueue', { QueueName: name, Attributes: attributes });
    if (status !== 200) throw new Error(`queue ${name} was not made: ${JSON.stringify(body)}`);
  }
  return {
    call,
    async messageIds(queue) {
      const response = await app.inject({ method: 'GET', url: `/_fauxqs/queues/${encodeURIComponent(queue)}` });
      const { messages } = JSON.parse(response.body) as Inspection;
      const ids = [...messages.ready, ...messages.delayed, ...messages.inflight.map(({ message }) => message)];
      return new Set(ids.map(({ messageId }) => messageId));
    },
    close: () => app.close(),
  };
}
