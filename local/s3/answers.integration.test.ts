import {
  CreateBucketCommand,
  GetBucketCorsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outcome } from './suite/context.ts';
import { type PlainAnswer, presignPut, send, withHeaders, without } from './suite/requests.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';
import { ADMIN, testBucket, testCredential, testRegion } from './testing/platform.ts';

const GATE = testCredential(
  'ASIAGATE',
  [{ actions: ['s3:PutObject'], resources: ['arn:aws:s3:::bucket-eu/u/*'] }],
  'gate-token',
);
const CORS = {
  allowedOrigins: ['https://app.example'],
  allowedMethods: ['PUT', 'GET'],
  allowedHeaders: ['*'],
  exposedHeaders: ['ETag', 'x-amz-version-id'],
  maxAgeSeconds: 3_600,
};

let stage: InProcess;
const clients: S3Client[] = [];
beforeAll(async () => {
  stage = await openInProcess({
    credentials: [ADMIN, GATE],
    regions: [
      testRegion('euw1', 'eu-west-1', [testBucket('bucket-eu', { cors: [CORS] })]),
      testRegion('use1', 'us-east-1', [testBucket('bucket-us')]),
    ],
  });
  await adminOf().send(new PutObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there', Body: 'x' }));
});
afterAll(async () => {
  for (const client of clients) client.destroy();
  await stage?.close();
});

/** The admin at one Region's endpoint, signing for `region`. */
const adminOf = (code = 'euw1', region = 'eu-west-1'): S3Client => {
  const { accessKeyId, secretAccessKey } = ADMIN;
  const client = new S3Client({
    endpoint: stage.s3.regions[code]?.url ?? '',
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
    maxAttempts: 1,
    followRegionRedirects: false,
  });
  clients.push(client);
  return client;
};
const granted = (key: string) =>
  presignPut(stage.targetOf(GATE), {
    key,
    body: Buffer.from('x'),
    type: 'text/plain',
    metadata: 'e30',
    expiresIn: 900,
  });
const codeOf = ({ status, code }: PlainAnswer): string => `${status} ${code}`;

describe('Regions', () => {
  test('send to the one that holds the bucket', async () => {
    const wrong = adminOf().send(new GetObjectCommand({ Bucket: 'bucket-us', Key: 'a' }));
    expect(await outcome(wrong)).toBe('301 PermanentRedirect');
    const head = adminOf().send(new HeadBucketCommand({ Bucket: 'bucket-us' }));
    await expect(head).rejects.toMatchObject({ $response: { headers: { 'x-amz-bucket-region': 'us-east-1' } } });
  });

  test('refuse signatures for one another', async () => {
    const wrong = adminOf('euw1', 'us-east-1').send(new GetObjectCommand({ Bucket: 'bucket-eu', Key: 'u/there' }));
    expect(await outcome(wrong)).toBe('400 AuthorizationHeaderMalformed');
  });

  test('name themselves', async () => {
    const location = (code: string, region: string, Bucket: string) =>
      adminOf(code, region).send(new GetBucketLocationCommand({ Bucket }));
    expect((await location('euw1', 'eu-west-1', 'bucket-eu')).LocationConstraint).toBe('eu-west-1');
    expect((await location('use1', 'us-east-1', 'bucket-us')).LocationConstraint).toBeUndefined();
  });
});

describe('buckets', () => {
  test('can be made, configured and found again', async () => {
    const admin = adminOf();
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
      url: `${stage.targetOf().endpoint}/bucket-eu/u/x?X-Amz-Signature=0`,
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
    const request = withHeaders(await granted('u/page'), origin);
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
    const answer = await send(without(await granted('u/headers'), 'if-none-match'));
    expect(answer.headers).toMatchObject({ server: 'AmazonS3', 'content-type': 'application/xml' });
    expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
    expect(answer.headers['x-amz-id-2']).toMatch(/^[A-Za-z0-9+/=]{56}$/);
    const text = answer.body.toString();
    expect(text).toContain('<Resource>/bucket-eu/u/headers</Resource>');
    expect(text).toContain(`<RequestId>${answer.headers['x-amz-request-id']}</RequestId>`);
    expect(text).not.toContain('gate-token');
  });

  test('to what S3 has and this S3 has not is 501', async () => {
    const admin = adminOf();
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
