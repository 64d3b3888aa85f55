import type { SQSClient } from '@aws-sdk/client-sqs';
import { arns, cellNames, queueUrl } from '../../core/config/names.ts';
import { EVENT_SOURCES, SCHEDULES } from '../../core/config/settings.ts';
import { type Poller, type PollerStats, startPoller } from '../data/poller.ts';
import { type Schedule, startSchedule } from '../data/schedule.ts';
import type { Clock } from '../support/clock.ts';
import type { LocalCell } from './cells.ts';
import { type CellFunctions, MAX_INSTANCES } from './functions.ts';

/** What starts one Region's functions: its queues and its schedules. */
export interface CellSources {
  /** The schedules by function name. */
  readonly schedules: Readonly<Record<string, Schedule>>;
  stats(): Readonly<Record<string, PollerStats>>;
  stop(): Promise<void>;
}

/** Each event source's queue. */
const QUEUE_OF = { recorder: 'eventsQueue', worker: 'workQueue', refresher: 'refreshQueue' } as const;

/** First wait before a failed message comes again, in seconds. */
const RETRY_SECONDS = 2;

/** Connects queues and schedules with the functions that exist. */
export function startSources(options: {
  readonly cell: LocalCell;
  readonly functions: CellFunctions;
  readonly client: SQSClient;
  readonly sqsUrl: string;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}): CellSources {
  const { cell, functions, client, sqsUrl, clock } = options;
  const names = cellNames(cell);
  const pollers: Record<string, Poller> = {};
  for (const short of ['recorder', 'worker', 'refresher'] as const) {
    const target = functions[short];
    if (!target) continue;
    const queue = names[QUEUE_OF[short]];
    pollers[short] = startPoller({
      client,
      queueUrl: queueUrl(cell, queue, sqsUrl),
      queueArn: arns.queue(cell, queue),
      region: cell.region,
      target,
      ...EVENT_SOURCES[short],
      maxConcurrency: Math.min(EVENT_SOURCES[short].maxConcurrency, MAX_INSTANCES[short]),
      retrySeconds: RETRY_SECONDS,
      log: (line) => options.log(`${cell.code} ${short}: ${line}`),
    });
  }
  const schedules: Record<string, Schedule> = {};
  for (const short of ['refresher', 'reconciler'] as const) {
    const target = functions[short];
    if (!target) continue;
    schedules[short] = startSchedule({
      name: names.functions[short],
      everySeconds: SCHEDULES[short].everySeconds,
      account: cell.account,
      region: cell.region,
      target,
      clock,
      log: (line) => options.log(`${cell.code} ${line}`),
    });
  }
  return {
    schedules,
    stats: () => Object.fromEntries(Object.entries(pollers).map(([short, poller]) => [short, poller.stats()])),
    async stop() {
      for (const schedule of Object.values(schedules)) schedule.stop();
      await Promise.all(Object.values(pollers).map((poller) => poller.stop()));
    },
  };
}
