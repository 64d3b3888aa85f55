import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_ENV } from '../../core/config/gate.ts';
import { cellNames, LOCAL_ACCOUNT, OBJECT_PREFIX, queueUrl } from '../../core/config/names.ts';
import { BUCKET_LIFECYCLE, bucketCors } from '../../core/config/settings.ts';
import type { DataCommand, DataReport, DataStats } from '../data/options.ts';
import {
  BODY_IDLE_MS,
  type BucketOptions,
  EVENT_DEFAULTS,
  type S3Command,
  type S3Report,
  type S3Stats,
} from '../s3/options.ts';
import type { Credential } from '../support/credentials.ts';
import type { SessionRoles } from '../support/role-sessions.ts';
import { CELLS, type LocalCell } from './cells.ts';
import { type PlatformChild, startChild } from './child.ts';
import { corsOrigins } from './endpoints.ts';
import type { PlatformState } from './state.ts';

export type DataChild = PlatformChild<DataCommand, Extract<DataReport, { type: 'ready' }>, DataStats>;
export type S3Child = PlatformChild<S3Command, Extract<S3Report, { type: 'ready' }>, S3Stats>;

/** What both children need. */
export interface ChildDeps {
  readonly data: string;
  readonly logs: string;
  readonly state: PlatformState;
  readonly credentials: readonly Credential[];
  readonly sessions: SessionRoles;
  readonly died: (sentence: string) => void;
}

const modulePath = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Starts the process with queues, tables and test issuers. */
export function startDataChild({ data, logs, state, credentials, sessions, died }: ChildDeps): Promise<DataChild> {
  return startChild({
    name: 'the process of SQS, DynamoDB and the test issuers',
    module: modulePath('../data/child.ts'),
    logPath: join(logs, 'data.log'),
    died,
    start: {
      type: 'start',
      options: {
        env: LOCAL_ENV,
        account: LOCAL_ACCOUNT,
        dataDir: join(data, 'services'),
        regions: CELLS.map(({ code, region }) => ({
          code,
          name: region,
          sqsPort: portsOf(state, code).sqs,
          dynamodbPort: portsOf(state, code).dynamodb,
        })),
        credentials,
        sessions,
        issuerPort: state.issuerPort,
        clockOffsetSeconds: 0,
      },
    },
  });
}

/** Starts the process with every Region's S3; its events go to the queues, whose ports are already known. */
export function startS3Child({ data, logs, state, credentials, sessions, died }: ChildDeps): Promise<S3Child> {
  const sender = state.keys['s3-events'];
  if (!sender) throw new Error('S3 has no keys to send its events');
  return startChild({
    name: 'the process of S3',
    module: modulePath('../s3/child.ts'),
    logPath: join(logs, 's3.log'),
    died,
    start: {
      type: 'start',
      options: {
        account: LOCAL_ACCOUNT,
        dataDir: join(data, 's3'),
        accessLog: join(logs, 's3-access.log'),
        clockOffsetSeconds: 0,
        credentials,
        sessions,
        regions: CELLS.map((cell) => ({
          code: cell.code,
          name: cell.region,
          port: portsOf(state, cell.code).s3,
          sqsEndpoint: `http://127.0.0.1:${portsOf(state, cell.code).sqs}`,
          buckets: bucketsOf(cell, state),
        })),
        events: { ...EVENT_DEFAULTS, resendWindowMs: 0 }, // these queues keep on disk what they took
        eventSender: { accessKeyId: sender.accessKeyId, secretAccessKey: sender.secretAccessKey },
        bodyIdleMs: BODY_IDLE_MS,
      },
    },
  });
}

function bucketsOf(cell: LocalCell, state: PlatformState): readonly BucketOptions[] {
  const names = cellNames(cell);
  const sqs = `http://127.0.0.1:${portsOf(state, cell.code).sqs}`;
  return [
    {
      name: names.bucket,
      versioning: true,
      cors: [bucketCors(corsOrigins(state.edgePort))],
      notifications: [
        {
          id: 'uploads',
          queueUrl: queueUrl(cell, names.eventsQueue, sqs),
          events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'],
          prefix: OBJECT_PREFIX,
          suffix: '',
        },
      ],
      lifecycle: [
        {
          id: 'unfinished',
          enabled: true,
          prefix: '',
          abortIncompleteDays: BUCKET_LIFECYCLE.abortIncompleteMultipartDays,
          expirationDays: null,
          noncurrentDays: null,
          loneDeleteMarkers: BUCKET_LIFECYCLE.expiredObjectDeleteMarker,
        },
      ],
    },
    { name: names.registryBucket, versioning: true, cors: [], notifications: [], lifecycle: [] },
  ];
}

function portsOf(state: PlatformState, code: string): PlatformState['ports'][string] {
  const ports = state.ports[code];
  if (!ports) throw new Error(`${code} has no ports`);
  return ports;
}
