import { type Journal, type JournalMessage, openJournal } from './journal.ts';
import { createLongPolls } from './long-poll.ts';
import { createSqsEngine, type EngineAnswer, type QueueSpec } from './sqs-engine.ts';

/** Queues whose messages outlive the process. */
export interface DurableQueues {
  /** One SQS API call on `queue`; a 200 to a send means the message is on disk. A receive ends its wait when `signal` is aborted. */
  call(action: string, queue: string, input: Input, signal?: AbortSignal): Promise<EngineAnswer>;
  /** Messages on disk, by queue. */
  depths(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

type Input = Readonly<Record<string, unknown>>;
interface Entry {
  readonly Id?: string;
  readonly ReceiptHandle?: string;
}

/** What can be followed of a message while it lives. */
interface Tracked {
  readonly journalId: number;
  readonly queue: string;
  readonly handles: string[];
  receives: number;
}

/**
 * Opens the queues of one Region and sends every message again that an earlier process accepted and nobody deleted.
 * At least once, as SQS: receive counts and the five-minute deduplication memory begin anew with the process.
 */
export async function openDurableQueues(options: {
  readonly region: string;
  readonly queues: readonly QueueSpec[];
  readonly journalPath: string;
}): Promise<DurableQueues> {
  const engine = await createSqsEngine(options.region, options.queues);
  const journal = openJournal(options.journalPath);
  const tracked = new Map<string, Tracked>();
  const byHandle = new Map<string, string>();
  /** Messages received as often as their queue allows. */
  const spent = new Set<string>();
  /** Messages by queue: a receiver of an empty queue need not look until something is sent. */
  const held = new Map<string, number>();
  const count = (queue: string, change: number): void => void held.set(queue, (held.get(queue) ?? 0) + change);
  const redrive = redrivePolicies(options.queues);
  const polls = createLongPolls();

  function track(messageId: unknown, journalId: number, queue: string): void {
    if (typeof messageId !== 'string') return;
    const known = tracked.get(messageId);
    if (known)
      journal.remove(journalId); // a FIFO duplicate: SQS answers with the first message's id
    else tracked.set(messageId, { journalId, queue, handles: [], receives: 0 });
  }

  async function send(queue: string, input: Input): Promise<EngineAnswer> {
    const journalId = journal.add(toMessage(queue, input));
    const answer = await engine.call('SendMessage', input);
    if (answer.status === 200) track(answer.body['MessageId'], journalId, queue);
    else journal.remove(journalId);
    return answer;
  }

  async function sendBatch(queue: string, input: Input): Promise<EngineAnswer> {
    const entries = listOf<Entry & Input>(input['Entries']);
    const ids = new Map(entries.map((entry) => [entry.Id, journal.add(toMessage(queue, entry))]));
    const answer = await engine.call('SendMessageBatch', input);
    const successful = answer.status === 200 ? listOf<Entry & Input>(answer.body['Successful']) : [];
    for (const { Id, MessageId } of successful) {
      track(MessageId, ids.get(Id) ?? 0, queue);
      ids.delete(Id);
    }
    for (const id of ids.values()) journal.remove(id);
    return answer;
  }

  /** The wait is ours, not the engine's: it would go on for a caller that is gone, and take messages nobody gets. */
  function receive(queue: string, input: Input, signal: AbortSignal): Promise<EngineAnswer> {
    const { WaitTimeSeconds = 0 } = input;
    const sensible = typeof WaitTimeSeconds === 'number' && WaitTimeSeconds >= 0 && WaitTimeSeconds <= 20;
    const waitMs = sensible ? WaitTimeSeconds * 1000 : 0;
    const found = ({ status, body }: EngineAnswer): boolean => status !== 200 || body['Messages'] !== undefined;
    const once = sensible ? { ...input, WaitTimeSeconds: 0 } : input;
    const mayChange = (): boolean => (held.get(queue) ?? 0) > 0;
    return polls.receive(queue, { waitMs, signal, found, mayChange }, () => receiveOnce(queue, once));
  }

  async function receiveOnce(queue: string, input: Input): Promise<EngineAnswer> {
    const answer = await engine.call('ReceiveMessage', input);
    for (const { MessageId = '', ReceiptHandle = '' } of listOf<{ MessageId?: string } & Entry>(
      answer.body['Messages'],
    )) {
      const message = tracked.get(MessageId);
      if (!message) continue;
      message.receives += 1;
      if (message.receives >= (redrive.get(queue)?.maxReceiveCount ?? Number.POSITIVE_INFINITY)) spent.add(MessageId);
      message.handles.push(ReceiptHandle);
      byHandle.set(ReceiptHandle, MessageId);
    }
    await followRedrive(queue);
    return answer;
  }

  /** Messages that were received as often as allowed may have gone to the dead letters: the journal must know. */
  async function followRedrive(queue: string): Promise<void> {
    const target = redrive.get(queue)?.target;
    if (target === undefined || spent.size === 0) return;
    const dead = await engine.messageIds(target);
    for (const messageId of spent) {
      const message = tracked.get(messageId);
      if (!message || !dead.has(messageId)) continue;
      spent.delete(messageId);
      journal.move(message.journalId, target);
      tracked.set(messageId, { ...message, queue: target, receives: 0 });
      count(queue, -1);
      count(target, 1);
    }
  }

  function forget(handle: string | undefined): void {
    const messageId = byHandle.get(handle ?? '');
    const message = messageId === undefined ? undefined : tracked.get(messageId);
    if (messageId === undefined || !message) return;
    drop(messageId, message);
  }

  function drop(messageId: string, message: Tracked): void {
    journal.remove(message.journalId);
    for (const handle of message.handles) byHandle.delete(handle);
    tracked.delete(messageId);
    spent.delete(messageId);
    count(message.queue, -1);
  }

  async function remove(action: string, input: Input): Promise<EngineAnswer> {
    const answer = await engine.call(action, input);
    if (answer.status !== 200) return answer;
    if (action === 'DeleteMessage') forget(textOf(input['ReceiptHandle']));
    else for (const entry of listOf<Entry>(input['Entries'])) forget(entry.ReceiptHandle);
    return answer;
  }

  async function purge(queue: string, input: Input): Promise<EngineAnswer> {
    const answer = await engine.call('PurgeQueue', input);
    for (const [messageId, message] of tracked) {
      if (message.queue === queue) drop(messageId, message);
    }
    return answer;
  }

  await resend(journal, send, new Set(options.queues.map(({ name }) => name)));

  function act(action: string, queue: string, input: Input, signal: AbortSignal): Promise<EngineAnswer> {
    if (action === 'SendMessage') return send(queue, input);
    if (action === 'SendMessageBatch') return sendBatch(queue, input);
    if (action === 'ReceiveMessage') return receive(queue, input, signal);
    if (action === 'PurgeQueue') return purge(queue, input);
    if (action.startsWith('DeleteMessage')) return remove(action, input);
    return engine.call(action, input);
  }

  return {
    async call(action, queue, input, signal = new AbortController().signal) {
      const answer = await act(action, queue, input, signal);
      if (action !== 'ReceiveMessage') polls.wake(queue);
      return answer;
    },
    depths() {
      const depths: Record<string, number> = Object.fromEntries(options.queues.map(({ name }) => [name, 0]));
      for (const [, { queue }] of journal.entries()) depths[queue] = (depths[queue] ?? 0) + 1;
      return depths;
    },
    async close() {
      await engine.close();
      journal.close();
    },
  };
}

/** Sends what is left of an earlier process: first all again under new entries, then the old ones go. */
async function resend(
  journal: Journal,
  send: (queue: string, input: Input) => Promise<EngineAnswer>,
  queues: ReadonlySet<string>,
): Promise<void> {
  for (const [id, { queue, ...input }] of journal.entries()) {
    if (queues.has(queue)) await send(queue, { ...input, QueueUrl: `http://localhost/0/${queue}` });
    journal.remove(id);
  }
}

function toMessage(queue: string, input: Input): JournalMessage {
  const { MessageBody, MessageAttributes, MessageGroupId, MessageDeduplicationId } = input;
  return {
    queue,
    MessageBody: textOf(MessageBody) ?? '',
    ...(MessageAttributes === undefined ? {} : { MessageAttributes }),
    ...(typeof MessageGroupId === 'string' ? { MessageGroupId } : {}),
    ...(typeof MessageDeduplicationId === 'string' ? { MessageDeduplicationId } : {}),
  };
}

function redrivePolicies(queues: readonly QueueSpec[]): Map<string, { target: string; maxReceiveCount: number }> {
  const policies = new Map<string, { target: string; maxReceiveCount: number }>();
  for (const { name, attributes } of queues) {
    const text = attributes['RedrivePolicy'];
    if (text === undefined) continue;
    const policy = JSON.parse(text) as { deadLetterTargetArn: string; maxReceiveCount: number };
    policies.set(name, {
      target: policy.deadLetterTargetArn.split(':').at(-1) ?? '',
      maxReceiveCount: policy.maxReceiveCount,
    });
  }
  return policies;
}

function listOf<Item>(value: unknown): readonly Item[] {
  return Array.isArray(value) ? (value as Item[]) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
