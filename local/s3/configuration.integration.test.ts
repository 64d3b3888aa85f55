import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketNotificationConfigurationCommand,
  type LifecycleRule,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { outcome } from './suite/context.ts';
import { postOf, signForm } from './suite/form-requests.ts';
import { at, LAST, LAST_ETAG } from './suite/multipart-context.ts';
import { send } from './suite/requests.ts';
import { until } from './testing/child.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';
import { testBucket, testRegion } from './testing/platform.ts';
import { openQueue, type Queue } from './testing/queue.ts';

const BUCKET = 'bucket-eu';
const DAY = 86_400;

let queue: Queue;
let stage: InProcess;
let client: S3Client;
beforeAll(async () => {
  queue = await openQueue();
  const sqsEndpoint = new URL(queue.url).origin;
  const region = testRegion('euw1', 'eu-west-1', [testBucket(BUCKET)]);
  stage = await openInProcess({ regions: [{ ...region, sqsEndpoint }] });
  client = stage.as();
});
afterEach(() => {
  stage.s3.setClock(0);
  client.config.systemClockOffset = 0;
});
afterAll(async () => {
  await stage?.close();
  await queue?.close();
});

/** Moves the platform's clock and the client's, and waits for what lifecycle rules do then. */
async function daysLater(days: number): Promise<void> {
  stage.s3.setClock(days * DAY);
  client.config.systemClockOffset = days * DAY * 1_000;
  await stage.s3.applyLifecycle();
}
const putRules = (...Rules: LifecycleRule[]) =>
  client.send(new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: { Rules } }));
const begin = (Key: string) => client.send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key }));
const openKeys = async () =>
  (await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))).Uploads?.map(({ Key }) => Key) ?? [];
const versionsOf = async (Prefix: string) => {
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix }),
  );
  return { versions: Versions.map(({ VersionId }) => VersionId), markers: DeleteMarkers.length };
};

const ABORT: LifecycleRule = {
  ID: 'unfinished',
  Status: 'Enabled',
  Filter: { Prefix: 'u/' },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 8 },
};

describe('lifecycle rules', () => {
  test('are given back as they were put, and gone when they are deleted', async () => {
    const get = () => client.send(new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET }));
    expect(await outcome(get())).toBe('404 NoSuchLifecycleConfiguration');
    const rules: LifecycleRule[] = [
      ABORT,
      {
        ID: 'old',
        Status: 'Disabled',
        Filter: { Prefix: '' },
        Expiration: { Days: 3 },
        NoncurrentVersionExpiration: { NoncurrentDays: 2 },
      },
      { ID: 'lone', Status: 'Enabled', Filter: { Prefix: 'x/' }, Expiration: { ExpiredObjectDeleteMarker: true } },
    ];
    await putRules(...rules);
    expect((await get()).Rules).toEqual(rules);
    await client.send(new DeleteBucketLifecycleCommand({ Bucket: BUCKET }));
    expect(await outcome(get())).toBe('404 NoSuchLifecycleConfiguration');
  });

  test('end unfinished uploads by the clock of the platform, and say when', async () => {
    await putRules(ABORT);
    const { UploadId = '', AbortDate, AbortRuleId } = await begin('u/unfinished');
    await begin('v/another');
    expect(AbortRuleId).toBe('unfinished');
    const days = ((AbortDate?.getTime() ?? 0) - Date.now()) / (DAY * 1_000);
    expect(days).toBeGreaterThan(8 - 0.001);
    expect(days).toBeLessThanOrEqual(9);
    const upload = at(client, { Bucket: BUCKET, Key: 'u/unfinished' }, UploadId);
    await upload.part(1, LAST);
    expect((await upload.parts()).AbortRuleId).toBe('unfinished');
    await daysLater(7.9);
    expect(await openKeys()).toEqual(['u/unfinished', 'v/another']);
    await daysLater(9);
    expect(await openKeys()).toEqual(['v/another']);
    expect(await outcome(upload.part(2, LAST))).toBe('404 NoSuchUpload');
    expect(await outcome(upload.complete([{ PartNumber: 1, ETag: LAST_ETAG }]))).toBe('404 NoSuchUpload');
  });

  test('remove markers that stand alone, and nothing that a version is under', async () => {
    await putRules({
      ID: 'lone',
      Status: 'Enabled',
      Filter: { Prefix: '' },
      Expiration: { ExpiredObjectDeleteMarker: true },
    });
    for (const Key of ['lone', 'under']) await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
    for (const Key of ['lone', 'under']) await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    const [VersionId] = (await versionsOf('lone')).versions;
    await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'lone', VersionId }));
    await daysLater(1);
    expect(await versionsOf('lone')).toEqual({ versions: [], markers: 0 });
    expect(await versionsOf('under')).toMatchObject({ versions: [expect.any(String)], markers: 1 });
  });

  test('expire what is current, then what is not', async () => {
    await putRules({
      ID: 'old',
      Status: 'Enabled',
      Filter: { Prefix: 'old/' },
      Expiration: { Days: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: 5 },
    });
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'old/a', Body: 'x' }));
    await daysLater(2);
    expect(await versionsOf('old/')).toMatchObject({ versions: [expect.any(String)], markers: 1 });
    await daysLater(9);
    expect((await versionsOf('old/')).versions).toEqual([]);
  });

  test.each<[string, string, LifecycleRule]>([
    ['without an action', '400 InvalidRequest', { ID: 'a', Status: 'Enabled', Filter: { Prefix: '' } }],
    ['of no days', '400 InvalidArgument', { ...ABORT, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 0 } }],
    ['by tags, which are not looked at', '501 NotImplemented', { ...ABORT, Filter: { Tag: { Key: 'a', Value: 'b' } } }],
    [
      'that move objects to another class',
      '501 NotImplemented',
      { ID: 'a', Status: 'Enabled', Filter: { Prefix: '' }, Transitions: [{ Days: 1, StorageClass: 'GLACIER' }] },
    ],
  ])('%s are refused', async (_, expected, rule) => {
    expect(await outcome(putRules(rule))).toBe(expected);
  });
});

describe('notifications', () => {
  const QueueArn = 'arn:aws:sqs:eu-west-1:000000000000:events';
  const put = (NotificationConfiguration: object, more: object = {}) =>
    client.send(new PutBucketNotificationConfigurationCommand({ Bucket: BUCKET, NotificationConfiguration, ...more }));
  const rule = (change: object = {}) => ({
    QueueConfigurations: [{ Id: 'one', QueueArn, Events: ['s3:ObjectCreated:*'], ...change }],
  });
  const tests = () => queue.messages.filter(({ Event }) => Event === 's3:TestEvent').length;

  test('are put by ARN, tried with a test event, and given back', async () => {
    const Filter = { Key: { FilterRules: [{ Name: 'Prefix', Value: 'n/' }] } };
    await put(rule({ Filter }));
    expect(tests()).toBe(1);
    const { QueueConfigurations } = await client.send(
      new GetBucketNotificationConfigurationCommand({ Bucket: BUCKET }),
    );
    expect(QueueConfigurations).toMatchObject([{ Id: 'one', QueueArn, Events: ['s3:ObjectCreated:*'], Filter }]);
  });

  test('tell of objects from parts, forms and copies', async () => {
    const Key = 'n/parts';
    const { UploadId = '' } = await begin(Key);
    const upload = at(client, { Bucket: BUCKET, Key }, UploadId);
    await upload.part(1, LAST);
    await upload.complete([{ PartNumber: 1, ETag: LAST_ETAG }]);
    const form = { fields: { key: 'n/form' }, conditions: [{ key: 'n/form' }] };
    expect((await send(postOf(signForm(stage.targetOf(), form, LAST)))).status).toBe(204);
    await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'n/copy', CopySource: `${BUCKET}/${Key}` }));
    const told = () => queue.messages.flatMap(({ Records = [] }) => Records);
    await until(() => told().length >= 3);
    const named = told().map(({ eventName, s3 }) => [s3.object.key, eventName, s3.object.size, s3.object.eTag]);
    expect(named.toSorted()).toEqual([
      ['n/copy', 'ObjectCreated:Copy', 9, '25f9e794323b453885f5181f1b624d0b'],
      ['n/form', 'ObjectCreated:Post', 9, '25f9e794323b453885f5181f1b624d0b'],
      ['n/parts', 'ObjectCreated:CompleteMultipartUpload', 9, '5927c5d64d94a5786f90003aa26d0159-1'],
    ]);
  });

  test('are refused for queues that are elsewhere or do not answer, unless S3 is told not to ask', async () => {
    const elsewhere = rule({ Id: 'two', QueueArn: QueueArn.replace('eu-west-1', 'us-east-1') });
    expect(await outcome(put(elsewhere))).toBe('400 InvalidArgument');
    queue.mode = 'down';
    expect(await outcome(put(rule({ Id: 'two' })))).toBe('400 InvalidArgument');
    expect(await outcome(put(rule({ Id: 'two' }), { SkipDestinationValidation: true }))).toBe('ok');
    queue.mode = 'good';
    expect(await outcome(put(rule({ Events: ['s3:Replication:*'] })))).toBe('400 InvalidArgument');
    expect(
      await outcome(
        put({ TopicConfigurations: [{ TopicArn: 'arn:aws:sns:eu-west-1:0:t', Events: ['s3:ObjectCreated:*'] }] }),
      ),
    ).toBe('501 NotImplemented');
  });
});
