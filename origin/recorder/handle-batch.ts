import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { groupByUpload, type RecordOne } from './group-by-upload.ts';
import { PoisonMessage, readMessage } from './read-message.ts';
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

const handleMessage = async (
  deps: BatchDeps,
  recordOne: RecordOne,
  messageId: string,
  body: string,
): Promise<Outcome> => {
  const { log, measure } = deps.telemetry;
  const startedAt = deps.now();
  try {
    const at = new Date(startedAt).toISOString();
    const { facts, happenedMs, requestId } = readMessage(body, { region: deps.region, bucket: deps.bucket, at });
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
    const recordOne = groupByUpload(deps);
    const outcomes: Outcome[] = [];
    const waiting = event.Records.values();
    const work = async (): Promise<void> => {
      for (const { messageId, body } of waiting) outcomes.push(await handleMessage(deps, recordOne, messageId, body));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    const failed = new Set(outcomes.filter(({ ok }) => !ok).map(({ messageId }) => messageId));
    return {
      batchItemFailures: event.Records.filter(({ messageId }) => failed.has(messageId)).map(({ messageId }) => ({
        itemIdentifier: messageId,
      })),
    };
  };
