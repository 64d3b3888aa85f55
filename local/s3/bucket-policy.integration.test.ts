import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from './start.ts';
import { grant, outcome } from './suite/context.ts';
import { postOf, signForm } from './suite/form-requests.ts';
import { LAST } from './suite/multipart-context.ts';
import { clientOf, presignPut, send } from './suite/requests.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';
import { ADMIN, temporaryFolder, testCredential, testOptions } from './testing/platform.ts';

const Bucket = 'bucket-eu';
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Cut',
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: `arn:aws:s3:::${Bucket}/u/acme/*`,
      Condition: { StringEquals: { 's3:authType': ['REST-QUERY-STRING', 'POST'] } },
    },
  ],
});
const READER = testCredential('ASIAREADER', [{ actions: ['s3:GetBucketPolicy'], resources: ['arn:aws:s3:::*'] }], 't');

let stage: InProcess;
beforeAll(async () => {
  stage = await openInProcess({ credentials: [ADMIN, READER] });
});
afterEach(() => stage.as().send(new DeleteBucketPolicyCommand({ Bucket })));
afterAll(() => stage?.close());

const put = (Policy: string, client = stage.as()) => client.send(new PutBucketPolicyCommand({ Bucket, Policy }));
const get = (client = stage.as()) => client.send(new GetBucketPolicyCommand({ Bucket }));
const presign = (key: string) => presignPut(stage.targetOf(), grant({ key }));
const presigned = async (key: string): Promise<number> => (await send(await presign(key))).status;
const form = async (key: string): Promise<number> =>
  (await send(postOf(signForm(stage.targetOf(), { fields: { key }, conditions: [{ key }] }, LAST)))).status;

describe('a bucket policy', () => {
  test('is given back as it was put, and gone when it is deleted, also the second time', async () => {
    expect(await outcome(get())).toBe('404 NoSuchBucketPolicy');
    await put(POLICY);
    expect((await get()).Policy).toBe(POLICY);
    for (let times = 0; times < 2; times += 1) await stage.as().send(new DeleteBucketPolicyCommand({ Bucket }));
    expect(await outcome(get())).toBe('404 NoSuchBucketPolicy');
  });

  test('is changed only by whom the role lets', async () => {
    await put(POLICY);
    const reader = stage.as(READER);
    expect((await get(reader)).Policy).toBe(POLICY);
    expect(await outcome(put(POLICY, reader))).toBe('403 AccessDenied');
    expect(await outcome(reader.send(new DeleteBucketPolicyCommand({ Bucket })))).toBe('403 AccessDenied');
  });

  test('ends presigned URLs and forms under its prefix, and nothing else', async () => {
    const url = await presign('u/acme/before');
    await put(POLICY);
    expect((await send(url)).status).toBe(403);
    expect([await presigned('u/acme/a'), await form('u/acme/b')]).toEqual([403, 403]);
    expect([await presigned('u/globex/a'), await form('u/globex/b')]).toEqual([200, 204]);
    const Key = 'u/acme/by-header';
    await stage.as().send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
    expect(await outcome(stage.as().send(new GetObjectCommand({ Bucket, Key })))).toBe('ok');
    expect(await outcome(stage.as().send(new HeadObjectCommand({ Bucket, Key: 'u/acme/a' })))).toBe('404 NotFound');
  });

  test('that cannot be enforced is refused, and the old one stays', async () => {
    await put(POLICY);
    expect(await outcome(put(POLICY.replace('Deny', 'Allow')))).toBe('501 NotImplemented');
    expect(await outcome(put('{'))).toBe('400 MalformedPolicy');
    expect((await get()).Policy).toBe(POLICY);
  });
});

test('a bucket policy outlives a restart', async () => {
  const folder = await temporaryFolder();
  const onFreshStart = async <Value>(work: (client: S3Client) => Promise<Value>): Promise<Value> => {
    const s3 = await startS3(testOptions(folder.path));
    const client = clientOf({ ...stage.targetOf(), endpoint: s3.regions['euw1']?.url ?? '' }, 'WHEN_REQUIRED');
    const done = await work(client);
    client.destroy();
    await s3.close();
    return done;
  };
  await onFreshStart((client) => put(POLICY, client));
  expect((await onFreshStart((client) => get(client))).Policy).toBe(POLICY);
  await folder.remove();
});
