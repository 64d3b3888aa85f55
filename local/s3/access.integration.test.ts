import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '../support/credentials.ts';
import { outcome } from './suite/context.ts';
import { type PlainAnswer, presignPut, send } from './suite/requests.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';
import { ADMIN, testCredential } from './testing/platform.ts';

const OBJECTS = 'arn:aws:s3:::bucket-eu/u/*';
const BUCKET = 'arn:aws:s3:::bucket-eu';
const GATE = testCredential('ASIAGATE', [{ actions: ['s3:PutObject'], resources: [OBJECTS] }], 'gate-token');
const READER = testCredential('ASIAREADER', [{ actions: ['s3:GetObject'], resources: [OBJECTS] }], 'reader-token');
const API = testCredential(
  'ASIAAPI',
  [
    { actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:DeleteObjectVersion'], resources: [OBJECTS] },
    { actions: ['s3:ListBucket'], resources: [BUCKET] },
  ],
  'api-token',
);
const NOBODY = testCredential('ASIANOBODY', [], 'nobody-token');
const HOUR = 3_600_000;
const SHORT: Credential = { ...testCredential('ASIASHORT', undefined, 'short-token'), expiresAt: Date.now() + HOUR };

let stage: InProcess;
beforeAll(async () => {
  stage = await openInProcess({ credentials: [ADMIN, GATE, READER, API, NOBODY, SHORT] });
  await as(ADMIN).send(new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there', Body: 'x' }));
});
afterAll(() => stage?.close());

const as = (credential: Credential) => stage.as(credential);
const granted = (credential: Credential, key: string) =>
  presignPut(stage.targetOf(credential), {
    key,
    body: Buffer.from('x'),
    type: 'text/plain',
    metadata: 'e30',
    expiresIn: 900,
  });
const codeOf = ({ status, code }: PlainAnswer): string => `${status} ${code}`;

describe('a role', () => {
  test('may do what its statements say and nothing else', async () => {
    const put = (credential: Credential, Key: string) =>
      outcome(as(credential).send(new PutObjectCommand({ Bucket: 'bucket-eu', Key, Body: 'x' })));
    expect(await put(GATE, 'u/gate')).toBe('ok');
    expect(await put(GATE, 'registry/policy.json')).toBe('403 AccessDenied');
    expect(await put(API, 'u/api')).toBe('403 AccessDenied');
    const get = (credential: Credential, more: object = {}) =>
      outcome(as(credential).send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there', ...more })));
    expect(await get(READER)).toBe('ok');
    expect(await get(GATE)).toBe('403 AccessDenied');
    const { VersionId } = await as(ADMIN).send(new HeadObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there' }));
    expect(await get(API, { VersionId })).toBe('ok');
    expect(await get(READER, { VersionId })).toBe('403 AccessDenied');
    const remove = (credential: Credential, more: object = {}) =>
      outcome(as(credential).send(new DeleteObjectCommand({ Bucket: 'bucket-eu', Key: 'u/gate', ...more })));
    expect(await remove(API)).toBe('403 AccessDenied');
    expect(await remove(API, { VersionId: 'null' })).toBe('ok');
  });

  test('without ListBucket is told 403 of a missing key, with it 404', async () => {
    const missing = { Bucket: 'bucket-eu', Key: 'u/missing' };
    expect(await outcome(as(READER).send(new GetObjectCommand(missing)))).toBe('403 AccessDenied');
    expect(await outcome(as(API).send(new GetObjectCommand(missing)))).toBe('404 NoSuchKey');
    expect(await outcome(as(READER).send(new HeadObjectCommand(missing)))).toMatch(/^403 /);
    expect(await outcome(as(API).send(new HeadObjectCommand(missing)))).toBe('404 NotFound');
    const version = { ...missing, VersionId: 'x'.repeat(32) };
    expect(await outcome(as(API).send(new HeadObjectCommand(version)))).toBe('404 NotFound');
  });

  test('lists only with ListBucket', async () => {
    const list = (credential: Credential) =>
      outcome(as(credential).send(new ListObjectsV2Command({ Bucket: 'bucket-eu' })));
    expect(await list(API)).toBe('ok');
    expect(await list(READER)).toBe('403 AccessDenied');
    expect(await outcome(as(NOBODY).send(new ListBucketsCommand({})))).toBe('403 AccessDenied');
  });
});

describe('temporary credentials', () => {
  test('sign with their own token alone', async () => {
    expect((await send(await granted(GATE, 'u/t1'))).status).toBe(200);
    expect(codeOf(await send(await granted({ ...GATE, sessionToken: 'reader-token' }, 'u/t2')))).toBe(
      '400 InvalidToken',
    );
    expect(codeOf(await send(await granted({ ...GATE, sessionToken: null }, 'u/t2')))).toBe('403 InvalidAccessKeyId');
    expect(codeOf(await send(await granted({ ...GATE, secretAccessKey: 'guess' }, 'u/t2')))).toBe(
      '403 SignatureDoesNotMatch',
    );
  });

  test('end, by the clock of the platform', async () => {
    const client = as(SHORT);
    const head = () => outcome(client.send(new HeadBucketCommand({ Bucket: 'bucket-eu' })));
    expect(await head()).toBe('ok');
    stage.s3.setClock(2 * 3_600);
    client.config.systemClockOffset = 2 * HOUR;
    try {
      const answer = client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there' }));
      expect(await outcome(answer)).toBe('400 ExpiredToken');
    } finally {
      stage.s3.setClock(0);
    }
  });

  test('make URLs that expire by the clock of the platform', async () => {
    const request = await granted(GATE, 'u/expiring');
    stage.s3.setClock(902);
    try {
      expect(codeOf(await send(request))).toBe('403 AccessDenied');
    } finally {
      stage.s3.setClock(0);
    }
    expect((await send(request)).status).toBe(200);
  });
});
