import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { Message } from './deliver.ts';

export interface QueueSenderDeps {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Milliseconds one call may take. */
  readonly timeoutMs: number;
  /** The platform's clock: signatures carry its time. */
  readonly offsetSeconds: () => number;
}

/** Sends by SQS's API, signed, to the host of the queue's URL. */
export function createQueueSender(deps: QueueSenderDeps) {
  const clients = new Map<string, SQSClient>();

  function clientFor(queueUrl: string): SQSClient {
    const endpoint = new URL(queueUrl).origin;
    const known = clients.get(endpoint);
    if (known) return known;
    const client = new SQSClient({
      region: deps.region,
      endpoint,
      credentials: deps.credentials,
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler({ connectionTimeout: deps.timeoutMs, requestTimeout: deps.timeoutMs }),
    });
    clients.set(endpoint, client);
    return client;
  }

  return {
    async send(queueUrl: string, messages: readonly Message[]): Promise<ReadonlySet<string>> {
      const client = clientFor(queueUrl);
      client.config.systemClockOffset = deps.offsetSeconds() * 1000;
      const result = await client.send(
        new SendMessageBatchCommand({
          QueueUrl: queueUrl,
          Entries: messages.map(({ id, body }) => ({ Id: id, MessageBody: body })),
        }),
      );
      return new Set((result.Successful ?? []).flatMap(({ Id }) => (Id === undefined ? [] : [Id])));
    },
    close() {
      for (const client of clients.values()) client.destroy();
    },
  };
}
