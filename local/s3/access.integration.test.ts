import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketCorsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Credential } from '../support/credentials.ts';
import { type S3, startS3 } from './start.ts';
import { type PlainAnswer, presignPut, type S3Target, send, withHeaders, without } from './suite/requests.ts';
import { ADMIN, temporaryFolder, testBucket, testCredential, testOptions, testRegion } from './testing/platform.ts';

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
const CORS = {
  allowedOrigins: ['https://app.example'],
  allowedMethods: ['PUT', 'GET'],
  allowedHeaders: ['*'],
  exposedHeaders: ['ETag', 'x-amz-version-id'],
  maxAgeSeconds: 3_600,
};

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let s3: S3;
const clients: S3Client[] = [];

beforeAll(async () => {
  folder = await temporaryFolder();
  s3 = await startS3(
    testOptions(folder.path, {
      credentials: [ADMIN, GATE, READER, API, NOBODY, SHORT],
      regions: [
        testRegion('euw1', 'eu-west-1', [testBucket('bucket-eu', { cors: [CORS] })]),
        testRegion('use1', 'us-east-1', [testBucket('bucket-us')]),
      ],
    }),
  );
  await as(ADMIN).send(new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there', Body: 'x' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await s3?.close();
  await folder?.remove();
});

const urlOf = (code: string): string => s3.regions[code]?.url ?? '';
const identity = ({ accessKeyId, secretAccessKey, sessionToken }: Credential) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken === null ? {} : { sessionToken }),
});

function as(credential: Credential, code = 'euw1', region = 'eu-west-1'): S3Client {
  const client = new S3Client({
    endpoint: urlOf(code),
    region,
    credentials: identity(credential),
    forcePathStyle: true,
    maxAttempts: 1,
    followRegionRedirects: false,
  });
  clients.push(client);
  return client;
}

async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (!(error instanceof S3ServiceException)) throw error;
    return `${error.$metadata.httpStatusCode} ${error.name}`;
  }
}

const target = (credential: Credential): S3Target => ({
  endpoint: urlOf('euw1'),
  region: 'eu-west-1',
  bucket: 'bucket-eu',
  credentials: identity(credential),
});
const granted = (credential: Credential, key: string) =>
  presignPut(target(credential), { key, body: Buffer.from('x'), type: 'text/plain', metadata: 'e30', expiresIn: 900 });
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
    s3.setClock(2 * 3_600);
    client.config.systemClockOffset = 2 * HOUR;
    try {
      const answer = client.send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there' }));
      expect(await outcome(answer)).toBe('400 ExpiredToken');
    } finally {
      s3.setClock(0);
    }
  });

  test('make URLs that expire by the clock of the platform', async () => {
    const request = await granted(GATE, 'u/expiring');
    s3.setClock(902);
    try {
      expect(codeOf(await send(request))).toBe('403 AccessDenied');
    } finally {
      s3.setClock(0);
    }
    expect((await send(request)).status).toBe(200);
  });
});

describe('Regions', () => {
  test('send to the one that holds the bucket', async () => {
    const wrong = as(ADMIN).send(new GetObjectCommand({ Bucket: 'bucket-us', Key: 'a' }));
    expect(await outcome(wrong)).toBe('301 PermanentRedirect');
    const head = as(ADMIN).send(new HeadBucketCommand({ Bucket: 'bucket-us' }));
    await expect(head).rejects.toMatchObject({ $response: { headers: { 'x-amz-bucket-region': 'us-east-1' } } });
  });

  test('refuse signatures for one another', async () => {
    const wrong = as(ADMIN, 'euw1', 'us-east-1').send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there' }));
    expect(await outcome(wrong)).toBe('400 AuthorizationHeaderMalformed');
  });

  test('name themselves', async () => {
    const location = (code: string, region: string, Bucket: string) =>
      as(ADMIN, code, region).send(new GetBucketLocationCommand({ Bucket }));
    expect((await location('euw1', 'eu-west-1', 'bucket-eu')).LocationConstraint).toBe('eu-west-1');
    expect((await location('use1', 'us-east-1', 'bucket-us')).LocationConstraint).toBeUndefined();
  });
});

describe('buckets', () => {
  test('can be made, configured and found again', async () => {
    const admin = as(ADMIN);
    await admin.send(new CreateBucketCommand({ Bucket: 'made-here' }));
    expect(await outcome(admin.send(new CreateBucketCommand({ Bucket: 'made-here' })))).toBe(
      '409 BucketAlreadyOwnedByYou',
    );
    expect(await outcome(admin.send(new CreateBucketCommand({ Bucket: 'bucket-us' })))).toBe(
      '409 BucketAlreadyOwnedByYou',
    );
    expect(await outcome(admin.send(new CreateBucketCommand({ Bucket: 'Bad_Name' })))).toBe('400 InvalidBucketName');
    const put = () => admin.send(new PutObjectCommand({ Bucket: 'made-here', Key: 'a', Body: 'x' }));
    expect((await put()).VersionId).toBeUndefined();
    await admin.send(
      new PutBucketVersioningCommand({ Bucket: 'made-here', VersioningConfiguration: { Status: 'Enabled' } }),
    );
    expect((await put()).VersionId).toHaveLength(32);
    const rules = [{ AllowedOrigins: ['*'], AllowedMethods: ['GET'], AllowedHeaders: ['*'], MaxAgeSeconds: 5 }];
    expect(await outcome(admin.send(new GetBucketCorsCommand({ Bucket: 'made-here' })))).toBe(
      '404 NoSuchCORSConfiguration',
    );
    await admin.send(new PutBucketCorsCommand({ Bucket: 'made-here', CORSConfiguration: { CORSRules: rules } }));
    expect((await admin.send(new GetBucketCorsCommand({ Bucket: 'made-here' }))).CORSRules).toEqual(rules);
  });
});

describe('a page', () => {
  const origin = { origin: 'https://app.example' };
  const ask = (headers: Record<string, string>) =>
    send({
      method: 'OPTIONS',
      url: `${urlOf('euw1')}/bucket-eu/u/x?X-Amz-Signature=0`,
      headers: { ...headers, 'access-control-request-method': 'PUT' },
      body: Buffer.alloc(0),
    });

  test('of an allowed origin may ask first', async () => {
    const answer = await ask({
      ...origin,
      'access-control-request-headers': 'content-type,if-none-match,x-amz-meta-nearput',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['access-control-allow-headers']).toBe('content-type, if-none-match, x-amz-meta-nearput');
    expect(answer.headers['access-control-max-age']).toBe('3600');
  });

  test('of another origin may not', async () => {
    expect(codeOf(await ask({ origin: 'https://evil.example' }))).toBe('403 AccessForbidden');
  });

  test('can read ETag and version of what it put, and why it was refused', async () => {
    const request = withHeaders(await granted(GATE, 'u/page'), origin);
    const answer = await send(request);
    expect(answer.status).toBe(200);
    expect(answer.headers['access-control-allow-origin']).toBe('https://app.example');
    expect(answer.headers['access-control-expose-headers']).toBe('ETag, x-amz-version-id');
    const refused = await send(without(request, 'if-none-match'));
    expect(refused.status).toBe(403);
    expect(refused.headers['access-control-allow-origin']).toBe('https://app.example');
  });
});

describe('every answer', () => {
  test('has the ids and names of S3, and an error says what and where', async () => {
    const answer = await send(without(await granted(GATE, 'u/headers'), 'if-none-match'));
    expect(answer.headers).toMatchObject({ server: 'AmazonS3', 'content-type': 'application/xml' });
    expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    expect(answer.headers['x-amz-id-2']).toMatch(/^[A-Za-z0-9+/=]{56}$/);
    const text = answer.body.toString();
    expect(text).toContain('<Resource>/bucket-eu/u/headers</Resource>');
    expect(text).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`);
    expect(text).not.toContain('gate-token');
  });

  test('to what S3 has and this S3 has not is 501', async () => {
    const admin = as(ADMIN);
    const moved = new PutObjectCommand({
      Bucket: 'bucket-eu',
      Key: 'u/moved',
      Body: 'x',
      WebsiteRedirectLocation: '/a',
    });
    expect(await outcome(admin.send(moved))).toBe('501 NotImplemented');
    const encrypted = new PutObjectCommand({
      Bucket: 'bucket-eu',
      Key: 'u/kms',
      Body: 'x',
      ServerSideEncryption: 'aws:kms',
    });
    expect(await outcome(admin.send(encrypted))).toBe('501 NotImplemented');
    const shared = new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/acl', Body: 'x', ACL: 'public-read' });
    expect(await outcome(admin.send(shared))).toBe('400 AccessControlListNotSupported');
  });
});
