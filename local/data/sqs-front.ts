import { arns, type Cell, queueUrl } from '../../core/config/names.ts';
import type { AwsError } from './aws-error.ts';
import { type FrontAnswer, type FrontDeps, type FrontRequest, startAwsFront } from './aws-front.ts';
import type { DurableQueues } from './durable-queues.ts';

/** Actions on one queue, with the IAM action that allows each. Source: Service Authorization Reference, Amazon SQS. */
const QUEUE_ACTIONS: Readonly<Record<string, string>> = {
  SendMessage: 'sqs:SendMessage',
  SendMessageBatch: 'sqs:SendMessage',
  ReceiveMessage: 'sqs:ReceiveMessage',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  GetQueueAttributes: 'sqs:GetQueueAttributes',
  GetQueueUrl: 'sqs:GetQueueUrl',
  PurgeQueue: 'sqs:PurgeQueue',
};

/** 10 messages of 1 MiB in all, and the JSON around them. Source: Amazon SQS message quotas. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

const noSuchQueue: AwsError = {
  status: 400,
  code: 'QueueDoesNotExist',
  message: 'The specified queue does not exist.',
};

/** SQS of one Region, on its own endpoint: AWS's JSON protocol over `queues`. */
export async function startSqsFront(
  options: { readonly cell: Cell; readonly queueNames: readonly string[]; readonly queues: DurableQueues },
  deps: FrontDeps,
): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }> {
  const { cell, queues } = options;
  const names = new Set(options.queueNames);

  /** Queue the request names: by account and name in its URL; SQS too ignores the host there. */
  function queueOf({ action, input }: FrontRequest): string | undefined {
    if (action === 'GetQueueUrl') return known(input['QueueName']);
    const [, account, name] = /^https?:\/\/[^/]+\/(\d+)\/([\w.-]+)$/.exec(String(input['QueueUrl'])) ?? [];
    return account === cell.account ? known(name) : undefined;
  }
  const known = (name: unknown): string | undefined => (typeof name === 'string' && names.has(name) ? name : undefined);

  const listening = await startAwsFront(
    {
      service: 'sqs',
      region: cell.region,
      target: 'AmazonSQS',
      contentType: 'application/x-amz-json-1.0',
      maxBodyBytes: MAX_BODY_BYTES,
      resource: (request) => queueOf(request) ?? '',
      wishes(request) {
        if (request.action === 'ListQueues') return [{ action: 'sqs:ListQueues', arn: '*' }];
        const action = QUEUE_ACTIONS[request.action];
        if (action === undefined) {
          return { status: 400, code: 'UnsupportedOperation', message: `${request.action} is not offered here.` };
        }
        const queue = queueOf(request);
        return queue === undefined ? noSuchQueue : [{ action, arn: arns.queue(cell, queue) }];
      },
      async handle(request, gone): Promise<FrontAnswer> {
        if (request.action === 'ListQueues') return json(200, { QueueUrls: [...names].map(urlOf) });
        const queue = queueOf(request) ?? '';
        if (request.action === 'GetQueueUrl') return json(200, { QueueUrl: urlOf(queue) });
        const { status, body } = await queues.call(request.action, queue, request.input, gone);
        return json(status, body, errorHeaders(status, body));
      },
      unanswered: async (request, answer) => giveBack(request, answer),
    },
    deps,
  );
  const urlOf = (name: string): string => queueUrl(cell, name, listening.url);

  /** A receiver that hung up while it waited must not hide messages until their visibility timeout. */
  async function giveBack(request: FrontRequest, answer: FrontAnswer): Promise<void> {
    if (request.action !== 'ReceiveMessage' || answer.status !== 200) return;
    const { Messages = [] } = JSON.parse(String(answer.body)) as { Messages?: { ReceiptHandle: string }[] };
    for (const { ReceiptHandle } of Messages) {
      await queues.call('ChangeMessageVisibility', queueOf(request) ?? '', {
        QueueUrl: request.input['QueueUrl'],
        ReceiptHandle,
        VisibilityTimeout: 0,
      });
    }
  }
  return listening;
}

function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): FrontAnswer {
  return { status, headers, body: JSON.stringify(body) };
}

function errorHeaders(status: number, body: Readonly<Record<string, unknown>>): Record<string, string> {
  const code = String(body['__type'] ?? '').split('#')[1];
  return status === 200 || code === undefined ? {} : { 'x-amzn-query-error': `${code};Sender` };
}
