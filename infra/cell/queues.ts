import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { arns, type CellNames } from '../../core/config/names.ts';
import { QUEUES } from '../../core/config/settings.ts';

export type CellQueues = {
  readonly events: Queue;
  readonly eventsDead: Queue;
  readonly work: Queue;
  readonly workDead: Queue;
  readonly refresh: Queue;
};

const common = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true } as const;

const withDeadLetters = (
  scope: Construct,
  id: string,
  queueName: string,
  deadName: string,
  { visibilitySeconds, maxReceiveCount, retentionSeconds }: (typeof QUEUES)['events' | 'work'],
): [Queue, Queue] => {
  const dead = new Queue(scope, `${id}Dead`, {
    ...common,
    queueName: deadName,
    retentionPeriod: Duration.seconds(retentionSeconds),
  });
  const queue = new Queue(scope, id, {
    ...common,
    queueName,
    visibilityTimeout: Duration.seconds(visibilitySeconds),
    retentionPeriod: Duration.seconds(retentionSeconds),
    deadLetterQueue: { queue: dead, maxReceiveCount },
  });
  return [queue, dead];
};

/** The queues of a cell: events and work with dead letters, and the FIFO queue that asks the refresher. */
export const cellQueues = (scope: Construct, names: CellNames): CellQueues => {
  const [events, eventsDead] = withDeadLetters(
    scope,
    'Events',
    names.eventsQueue,
    names.eventsDeadLetterQueue,
    QUEUES.events,
  );
  const [work, workDead] = withDeadLetters(scope, 'Work', names.workQueue, names.workDeadLetterQueue, QUEUES.work);
  const refresh = new Queue(scope, 'Refresh', {
    ...common,
    queueName: names.refreshQueue,
    fifo: true,
    deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
    fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    visibilityTimeout: Duration.seconds(QUEUES.refresh.visibilitySeconds),
    retentionPeriod: Duration.seconds(QUEUES.refresh.retentionSeconds),
  });
  return { events, eventsDead, work, workDead, refresh };
};

/** Lets one bucket of this account, and no other, send events. */
export const allowBucketEvents = (queue: Queue, bucketName: string, account: string): void => {
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'BucketEvents',
      principals: [new ServicePrincipal('s3.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': arns.bucket(bucketName) },
        StringEquals: { 'aws:SourceAccount': account },
      },
    }),
  );
};
