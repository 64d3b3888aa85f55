import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { CallOptions } from '../store/record-store.ts';
import { type Work, writeWork } from './work-message.ts';

/** Where the API leaves work for the worker. Throws for a queue that does not answer. */
export type WorkQueue = { send(work: Work, options: CallOptions): Promise<void> };

/** The cell's work queue. */
export const createWorkQueue = (deps: { readonly client: SQSClient; readonly queueUrl: string }): WorkQueue => ({
  send: async (work, { signal }) => {
    await deps.client.send(new SendMessageCommand({ QueueUrl: deps.queueUrl, MessageBody: writeWork(work) }), {
      abortSignal: signal,
    });
  },
});
