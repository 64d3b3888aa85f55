import { arns, type Cell, cellNames } from '../../core/config/names.ts';
import { QUEUES } from '../../core/config/settings.ts';
import type { QueueSpec } from './sqs-engine.ts';

/** The queues of a cell as SQS is told to make them, dead-letter queues first. */
export function queueSpecs(cell: Cell): readonly QueueSpec[] {
  const names = cellNames(cell);
  const { events, work, refresh } = QUEUES;
  const dead = (name: string, retention: number): QueueSpec => ({
    name,
    attributes: { MessageRetentionPeriod: String(retention) },
  });
  const redriven = (name: string, target: string, settings: typeof events | typeof work): QueueSpec => ({
    name,
    attributes: {
      VisibilityTimeout: String(settings.visibilitySeconds),
      MessageRetentionPeriod: String(settings.retentionSeconds),
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: arns.queue(cell, target),
        maxReceiveCount: settings.maxReceiveCount,
      }),
    },
  });
  return [
    dead(names.eventsDeadLetterQueue, events.retentionSeconds),
    dead(names.workDeadLetterQueue, work.retentionSeconds),
    redriven(names.eventsQueue, names.eventsDeadLetterQueue, events),
    redriven(names.workQueue, names.workDeadLetterQueue, work),
    {
      name: names.refreshQueue,
      attributes: {
        FifoQueue: 'true',
        VisibilityTimeout: String(refresh.visibilitySeconds),
        MessageRetentionPeriod: String(refresh.retentionSeconds),
      },
    },
  ];
}
