import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { cellNames, LOCAL_ACCOUNT, queueUrl } from '../../core/config/names.ts';
import { startData } from '../../local/data/start.ts';
import { startS3 } from '../../local/s3/start.ts';
import { ADMIN, temporaryFolder, testBucket, testOptions, testRegion } from '../../local/s3/testing/platform.ts';
import { openQueue } from '../../local/s3/testing/queue.ts';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts';

const REGION = 'eu-west-1';
const CELL = { env: 'local', account: LOCAL_ACCOUNT, region: REGION };

export const BUCKET = 'bucket-eu';
export const CREDENTIALS = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };

/** A handler as the origin's own: one try is short, a second still fits a request. */
const handlerOf = (proxy: FaultProxy | null, requestMs: number): NodeHttpHandler =>
  new NodeHttpHandler({
    connectionTimeout: 400,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    ...(proxy === null ? {} : { httpAgent: proxy.agent }),
  });

const s3Client = (endpoint: string, proxy: FaultProxy | null, tries = { attempts: 3, requestMs: 800 }): S3Client =>
  new S3Client({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: tries.attempts,
    requestHandler: handlerOf(proxy, tries.requestMs),
  });

/** A local S3, table and queues, each behind a proxy that can break what passes; and clients that go around them. */
export const startServers = async () => {
  const folder = await temporaryFolder();
  const events = await openQueue();
  const notifications = [
    { id: 'n', queueUrl: events.url, events: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'], prefix: 'u/', suffix: '' },
  ];
  const s3 = await startS3(
    testOptions(join(folder.path, 's3'), {
      regions: [testRegion('euw1', REGION, [testBucket(BUCKET, { notifications })])],
      events: { minDelayMs: 0, maxDelayMs: 20, duplicateRate: 0.2, resendWindowMs: 60_000 },
    }),
  );
  const data = await startData({
    ...CELL,
    dataDir: join(folder.path, 'data'),
    regions: [{ code: 'euw1', name: REGION, sqsPort: 0, dynamodbPort: 0 }],
    credentials: [ADMIN],
    issuerPort: 0,
    clockOffsetSeconds: 0,
  });
  const at = data.urls.regions['euw1'];
  const place = s3.regions['euw1'];
  if (at === undefined || place === undefined) throw new Error('a Region did not start');
  const dynamoPort = Number(new URL(at.dynamodb).port);
  const toClient = await startFaultProxy(place.port);
  const toS3 = await startFaultProxy(place.port);
  const toDynamo = await startFaultProxy(dynamoPort);
  const toSqs = await startFaultProxy(Number(new URL(at.sqs).port));
  const proxies = { client: toClient, s3: toS3, dynamodb: toDynamo, sqs: toSqs };

  const clients = {
    /** Around every fault. */
    direct: s3Client(place.url, null),
    s3: s3Client(place.url, toS3),
    completer: s3Client(place.url, toS3, { attempts: 1, requestMs: 65_000 }),
    dynamodb: new DynamoDBClient({
      endpoint: at.dynamodb,
      region: REGION,
      credentials: CREDENTIALS,
      maxAttempts: 3,
      requestHandler: handlerOf(toDynamo, 800),
    }),
    directDynamodb: new DynamoDBClient({ endpoint: at.dynamodb, region: REGION, credentials: CREDENTIALS }),
    sqs: new SQSClient({
      endpoint: at.sqs,
      region: REGION,
      credentials: CREDENTIALS,
      maxAttempts: 3,
      requestHandler: handlerOf(toSqs, 800),
    }),
    directSqs: new SQSClient({ endpoint: at.sqs, region: REGION, credentials: CREDENTIALS }),
  };
  const names = cellNames(CELL);
  return {
    region: REGION,
    s3,
    data,
    events,
    proxies,
    clients,
    s3Url: place.url,
    table: names.table,
    workQueueUrl: queueUrl(CELL, names.workQueue, at.sqs),
    /** Nothing is broken any more, and what was late has arrived. */
    calm: async (): Promise<void> => {
      for (const proxy of Object.values(proxies)) proxy.rule = () => undefined;
      s3.clearFaults();
      data.clearFaults();
      for (const proxy of Object.values(proxies)) await proxy.quiet();
    },
    /** Whether S3 still has to tell of something. */
    hasEvents: (): boolean => events.messages.length > 0 || (s3.stats()['euw1']?.pendingEvents ?? 0) > 0,
    stop: async (): Promise<void> => {
      for (const client of Object.values(clients)) client.destroy();
      for (const proxy of Object.values(proxies)) await proxy.close();
      await data.stop();
      await s3.close();
      await events.close();
      await folder.remove();
    },
  };
};

export type Servers = Awaited<ReturnType<typeof startServers>>;
