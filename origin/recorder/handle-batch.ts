import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { groupByUpload, type ReadAhead, type RecordOne } from './group-by-upload.ts';
import { type Heard, PoisonMessage, readMessage } from './read-message.ts';
import type { RecordDeps } from './record-fact.ts';

/** What we read of an SQS event. */
export type QueueEvent = {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
};

/** Messages that must come again; the queue deletes all others. */
export type BatchAnswer = { readonly batchItemFailures: readonly { readonly itemIdentifier: string }[] };

export type BatchDeps = RecordDeps & {
  readonly region: string;
  readonly bucket: string;
  readonly telemetry: Telemetry;
  /** What one message may take, in milliseconds. */
  readonly messageMs: number;
};

type Outcome = { readonly ok: boolean; readonly messageId: string };

/** Messages worked on at one time; more would only wait for the same connections and let tries run out of time. */
const CONCURRENCY = 16;

/** What reading all records of a batch at once may take, in milliseconds; without it each is read when its turn comes. */
const READ_AHEAD_MS = 2_000;

/** A message, and what it says or why it cannot be read. */
type Opened = { readonly messageId: string; readonly startedAt: number } & (
  | { readonly heard: Heard }
  | { readonly fault: unknown }
);

const open = (deps: BatchDeps, { messageId, body }: QueueEvent['Records'][number]): Opened => {
  const startedAt = deps.now();
  const at = new Date(startedAt).toISOString();
  try {
    return { messageId, startedAt, heard: readMessage(body, { region: deps.region, bucket: deps.bucket, at }) };
  } catch (fault) {
    return { messageId, startedAt, fault };
  }
};

/** The records all messages are about, in one read. A read that fails is none: every message then reads for itself. */
const readAhead = async ({ store, telemetry }: BatchDeps, messages: readonly Opened[]): Promise<ReadAhead> => {
  const facts = messages.flatMap((message) => ('heard' in message ? message.heard.facts : []));
  if (facts.length < 2) return new Map();
  try {
    return await store.getMany(
      facts.map(({ of }) => of),
      { signal: AbortSignal.timeout(READ_AHEAD_MS) },
    );
  } catch (error) {
    telemetry.log.warn('the records of a batch were not read at once', { reason: String(error) });
    return new Map();
  }
};

const handleMessage = async (deps: BatchDeps, recordOne: RecordOne, message: Opened): Promise<Outcome> => {
  const { log, measure } = deps.telemetry;
  const { messageId, startedAt } = message;
  try {
    if ('fault' in message) throw message.fault;
    const { facts, happenedMs, requestId } = message.heard;
    const signal = AbortSignal.timeout(deps.messageMs);
    const states: (string | null)[] = [];
    for (const fact of facts) states.push((await recordOne(fact, { signal }))?.state ?? null);
    if (happenedMs !== null) measure.milliseconds(ORIGIN_METRICS.eventLag, Math.max(0, startedAt - happenedMs), {});
    measure.count(ORIGIN_METRICS.events, { result: 'recorded' });
    const ids = facts.map((fact) => fact.of.id);
    const types = facts.map(({ type }) => type);
    log.info('event', { messageId, requestId, facts: types, ids, states, ms: deps.now() - startedAt });
    return { ok: true, messageId };
  } catch (error) {
    const result = error instanceof PoisonMessage ? 'poison' : 'failed';
    measure.count(ORIGIN_METRICS.events, { result });
    log.error('event', error, { messageId, result, ms: deps.now() - startedAt });
    return { ok: false, messageId };
  }
};

/** Records a batch of events. Every message stands for itself: one that fails comes again alone, and nothing is thrown for it. */
export const createBatchHandler =
  (deps: BatchDeps) =>
  async (event: QueueEvent): Promise<BatchAnswer> => {
    const messages = event.Records.map((record) => open(deps, record));
    const recordOne = groupByUpload(deps, await readAhead(deps, messages));
    const outcomes: Outcome[] = [];
    const waiting = messages.values();
    const work = async (): Promise<void> => {
      for (const message of waiting) outcomes.push(await handleMessage(deps, recordOne, message));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    const failed = new Set(outcomes.filter(({ ok }) => !ok).map(({ messageId }) => messageId));
    return {
      batchItemFailures: event.Records.filter(({ messageId }) => failed.has(messageId)).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  };
