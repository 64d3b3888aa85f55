import { setTimeout as sleep } from 'node:timers/promises';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';

/** What a poller needs of a Lambda function. */
export interface Invocable {
  invoke(
    event: unknown,
  ): Promise<
    | { readonly ok: true; readonly payload: unknown }
    | { readonly ok: false; readonly kind: string; readonly message: string }
  >;
}

export interface PollerOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  /** AWS's Region name. */
  readonly region: string;
  readonly target: Invocable;
  /** Messages in one batch; more than one receive gives is gathered within the window. */
  readonly batchSize: number;
  /** How long a batch that is not full is held open, in seconds. */
  readonly windowSeconds: number;
  /** Batches at one time. */
  readonly maxConcurrency: number;
  /**
   * First wait before a failed message is offered again, in seconds; it doubles with every receive. On AWS it is always the
   * queue's visibility timeout, which makes a developer wait for minutes; `null`: as on AWS.
   */
  readonly retrySeconds: number | null;
  /** One line for every batch that failed in part or whole. */
  readonly log: (line: string) => void;
}

export interface PollerStats {
  readonly batches: number;
  readonly messages: number;
  readonly failed: number;
  /** Batches now with the function. */
  readonly busy: number;
}

export interface Poller {
  stats(): PollerStats;
  /** Takes nothing more; resolves when the batches under way are settled, at the latest after `graceMs` (default 2,000). */
  stop(graceMs?: number): Promise<void>;
}

const WAIT_SECONDS = 20;
/** Messages of one receive or one delete. Source: Amazon SQS quotas. */
const ENTRIES_MAX = 10;
/** While a batch is gathered, a receive that found all there was is followed by the next one only after this time: more will have come. In milliseconds. */
const GATHER_MS = 200;
const LONGEST_RETRY_SECONDS = 180;
const THROTTLE_TRIES = 20;

/** An SQS event source mapping with `ReportBatchItemFailures`: starts polling at once. Source: AWS Lambda, "Using Lambda with Amazon SQS". */
export function startPoller(options: PollerOptions): Poller {
  const stopping = new AbortController();
  const busy = new Set<Promise<void>>();
  const count = { batches: 0, messages: 0, failed: 0 };

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (busy.size >= options.maxConcurrency) {
        await Promise.race(busy);
        continue;
      }
      const messages = await collect(options, stopping.signal);
      if (messages.length === 0) continue;
      const work = settle(messages).finally(() => busy.delete(work));
      busy.add(work);
    }
  }

  async function settle(messages: readonly Message[]): Promise<void> {
    count.batches += 1;
    count.messages += messages.length;
    const failed = await invoke(options, messages, stopping.signal);
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ''));
    count.failed += messages.length - done.length;
    try {
      await remove(options, done);
      await offerAgain(
        options,
        messages.filter(({ MessageId }) => failed.has(MessageId ?? '')),
      );
    } catch (error) {
      options.log(`settling a batch failed, its messages come again: ${String(error)}`);
    }
  }

  const running = run();
  return {
    stats: () => ({ ...count, busy: busy.size }),
    async stop(graceMs = 2_000) {
      stopping.abort();
      const settled = running.then(() => Promise.all(busy));
      await Promise.race([settled, sleep(graceMs, undefined, { ref: false })]);
    },
  };
}

/** One batch: what is there, and what comes within the window. Empty when stopped or when the queue does not answer. */
async function collect(options: PollerOptions, signal: AbortSignal): Promise<Message[]> {
  const messages: Message[] = [];
  const until = Date.now() + options.windowSeconds * 1000;
  try {
    do {
      const wanted = Math.min(ENTRIES_MAX, options.batchSize - messages.length);
      const answer = await options.client.send(
        new ReceiveMessageCommand({
          QueueUrl: options.queueUrl,
          MaxNumberOfMessages: wanted,
          WaitTimeSeconds: messages.length === 0 ? WAIT_SECONDS : 0,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
        { abortSignal: signal },
      );
      const received = answer.Messages ?? [];
      messages.push(...received);
      const pauseMs = Math.min(GATHER_MS, until - Date.now());
      if (messages.length > 0 && received.length < wanted && pauseMs > 0) await sleep(pauseMs, undefined, { signal });
    } while (messages.length > 0 && messages.length < options.batchSize && Date.now() < until);
  } catch (error) {
    if (!signal.aborted) {
      options.log(`receiving failed: ${String(error)}`);
      await sleep(1000, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
  return messages;
}

/** Ids of the messages that failed. A throttled invocation is tried again, as Lambda's own pollers do. */
async function invoke(
  options: PollerOptions,
  messages: readonly Message[],
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const all = new Set(messages.map(({ MessageId }) => MessageId ?? ''));
  const event = { Records: messages.map((message) => toRecord(options, message)) };
  let result = await options.target.invoke(event);
  for (
    let tries = 1;
    !result.ok && result.kind === 'throttled' && tries < THROTTLE_TRIES && !signal.aborted;
    tries += 1
  ) {
    await sleep(Math.min(2_000, 50 * 2 ** tries));
    result = await options.target.invoke(event);
  }
  if (!result.ok) {
    options.log(`a batch of ${messages.length} failed: ${result.kind}: ${result.message}`);
    return all;
  }
  const failed = readFailures(result.payload, all);
  if (failed.size > 0) options.log(`${failed.size} of ${messages.length} messages failed`);
  return failed;
}

/**
 * Reads `{batchItemFailures: [{itemIdentifier}]}`: nothing or an empty list is success; an unknown, empty or missing id
 * fails the whole batch. Source: AWS Lambda, "Reporting batch item failures".
 */
export function readFailures(payload: unknown, ids: ReadonlySet<string>): ReadonlySet<string> {
  if (payload === null || payload === undefined) return new Set();
  if (typeof payload !== 'object') return ids;
  const list = (payload as { batchItemFailures?: unknown }).batchItemFailures;
  if (list === null || list === undefined) return new Set();
  if (!Array.isArray(list)) return ids;
  const failed = list.map((item: unknown) =>
    typeof item === 'object' && item !== null ? (item as { itemIdentifier?: unknown }).itemIdentifier : undefined,
  );
  return failed.every((id): id is string => typeof id === 'string' && ids.has(id)) ? new Set(failed) : ids;
}

function toRecord({ queueArn, region }: PollerOptions, message: Message): object {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(([name, value]) => [
    name,
    {
      stringValue: value.StringValue,
      binaryValue: value.BinaryValue && Buffer.from(value.BinaryValue).toString('base64'),
      stringListValues: [],
      binaryListValues: [],
      dataType: value.DataType,
    },
  ]);
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message.MD5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

async function remove({ client, queueUrl }: PollerOptions, messages: readonly Message[]): Promise<void> {
  const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  for (let at = 0; at < entries.length; at += ENTRIES_MAX) {
    const Entries = entries.slice(at, at + ENTRIES_MAX);
    const { Failed = [] } = await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    if (Failed.length > 0) throw new Error(`${Failed.length} messages were not deleted: ${Failed[0]?.Code}`);
  }
}

async function offerAgain(options: PollerOptions, messages: readonly Message[]): Promise<void> {
  const { client, queueUrl, retrySeconds } = options;
  if (retrySeconds === null) return;
  for (const { ReceiptHandle, Attributes } of messages) {
    const receives = Number(Attributes?.ApproximateReceiveCount ?? 1);
    const VisibilityTimeout = Math.min(LONGEST_RETRY_SECONDS, Math.round(retrySeconds * 2 ** (receives - 1)));
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout }));
  }
}
