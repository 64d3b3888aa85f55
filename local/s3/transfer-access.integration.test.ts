import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Credential, Statement } from '../support/credentials.ts';
import { outcome } from './suite/context.ts';
import { postOf, signForm } from './suite/form-requests.ts';
import { type PlainAnswer, send, withHeaders } from './suite/requests.ts';
import { type InProcess, openInProcess } from './testing/in-process.ts';
import { ADMIN, testBucket, testCredential, testRegion } from './testing/platform.ts';

const BUCKET = 'bucket-eu';
const ARN = 'arn:aws:s3:::bucket-eu';
const OBJECTS = `${ARN}/u/*`;
const HOUR = 3_600_000;
const PAGE = 'https://app.example';

/** One credential for each action, allowed that and nothing else. */
const only = (action: string, resource = OBJECTS): Credential => {
  const statement: Statement = { actions: [action], resources: [resource] };
  return testCredential(`ASIA${action.slice(3).toUpperCase()}`, [statement], `token of ${action}`);
};
const PUT = only('s3:PutObject');
const ABORT = only('s3:AbortMultipartUpload');
const PARTS = only('s3:ListMultipartUploadParts');
const UPLOADS = only('s3:ListBucketMultipartUploads', ARN);
const GET = only('s3:GetObject');
const DELETE = only('s3:DeleteObject');
const TAGS = only('s3:GetObjectTagging');
const SHORT: Credential = { ...testCredential('ASIASHORT', undefined, 'short-token'), expiresAt: Date.now() + HOUR };
const LATER = testCredential('ASIALATER', undefined, 'later-token');
const ALL = [ADMIN, PUT, ABORT, PARTS, UPLOADS, GET, DELETE, TAGS, SHORT];

let stage: InProcess;
let uploadId = '';
const object = { Bucket: BUCKET, Key: 'u/upload' };
beforeAll(async () => {
  const cors = {
    allowedOrigins: [PAGE],
    allowedMethods: ['PUT', 'POST'],
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag', 'x-amz-checksum-sha256'],
    maxAgeSeconds: 60,
  };
  stage = await openInProcess({
    credentials: ALL,
    regions: [testRegion('euw1', 'eu-west-1', [testBucket(BUCKET, { cors: [cors] })])],
  });
  uploadId = (await stage.as().send(new CreateMultipartUploadCommand(object))).UploadId ?? '';
});
afterEach(() => stage.s3.setClock(0));
afterAll(() => stage?.close());

describe('of a multipart upload', () => {
  const upload = () => ({ ...object, UploadId: uploadId });
  const part = () => new UploadPartCommand({ ...upload(), PartNumber: 1, Body: 'x' });
  const complete = () =>
    new CompleteMultipartUploadCommand({ ...upload(), MultipartUpload: { Parts: [{ PartNumber: 1, ETag: '"0"' }] } });

  test.each([
    ['begins', (as: Credential) => stage.as(as).send(new CreateMultipartUploadCommand(object)), PUT],
    ['sends parts', (as: Credential) => stage.as(as).send(part()), PUT],
    ['lists parts', (as: Credential) => stage.as(as).send(new ListPartsCommand(upload())), PARTS],
    [
      'lists uploads',
      (as: Credential) => stage.as(as).send(new ListMultipartUploadsCommand({ Bucket: BUCKET })),
      UPLOADS,
    ],
  ] as const)('the role alone that may %s does', async (_, work, allowed) => {
    for (const credential of [PUT, ABORT, PARTS, UPLOADS, GET]) {
      expect(await outcome(work(credential)), credential.accessKeyId).toBe(
        credential === allowed ? 'ok' : '403 AccessDenied',
      );
    }
  });

  test('the role alone that may put completes, and that may abort aborts', async () => {
    for (const credential of [ABORT, PARTS, UPLOADS, GET]) {
      expect(await outcome(stage.as(credential).send(complete()))).toBe('403 AccessDenied');
    }
    expect(await outcome(stage.as(PUT).send(complete()))).toBe('400 InvalidPart');
    const mine = { ...object, UploadId: (await stage.as().send(new CreateMultipartUploadCommand(object))).UploadId };
    for (const credential of [PUT, PARTS, UPLOADS, GET]) {
      expect(await outcome(stage.as(credential).send(new AbortMultipartUploadCommand(mine)))).toBe('403 AccessDenied');
    }
    expect(await outcome(stage.as(ABORT).send(new AbortMultipartUploadCommand(mine)))).toBe('ok');
  });

  test('a role cannot step outside its keys', async () => {
    const elsewhere = new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'v/upload' });
    expect(await outcome(stage.as(PUT).send(elsewhere))).toBe('403 AccessDenied');
  });
});

describe('of objects', () => {
  test('a copy needs both to read its source and to write', async () => {
    await stage.as().send(new PutObjectCommand({ Bucket: BUCKET, Key: 'u/source', Body: 'x', Tagging: 'a=1' }));
    const copy = () => new CopyObjectCommand({ Bucket: BUCKET, Key: 'u/copy', CopySource: `${BUCKET}/u/source` });
    for (const credential of [PUT, GET])
      expect(await outcome(stage.as(credential).send(copy()))).toBe('403 AccessDenied');
    expect(await outcome(stage.as().send(copy()))).toBe('ok');
    const { UploadId } = await stage.as().send(new CreateMultipartUploadCommand({ Bucket: BUCKET, Key: 'u/copy' }));
    const into = { Bucket: BUCKET, Key: 'u/copy', UploadId, PartNumber: 1 };
    const part = () => new UploadPartCopyCommand({ ...into, CopySource: `${BUCKET}/u/source` });
    for (const credential of [PUT, GET])
      expect(await outcome(stage.as(credential).send(part()))).toBe('403 AccessDenied');
    expect(await outcome(stage.as().send(part()))).toBe('ok');
  });

  test('tags are for who may put or read them', async () => {
    const tagged = new PutObjectCommand({ Bucket: BUCKET, Key: 'u/tagged', Body: 'x', Tagging: 'a=1' });
    expect(await outcome(stage.as(PUT).send(tagged))).toBe('403 AccessDenied');
    const read = new GetObjectTaggingCommand({ Bucket: BUCKET, Key: 'u/source' });
    expect(await outcome(stage.as(TAGS).send(read))).toBe('ok');
    expect(await outcome(stage.as(GET).send(read))).toBe('403 AccessDenied');
  });

  test('many are deleted one by one, as far as the role may', async () => {
    const Objects = [{ Key: 'u/nothing' }, { Key: 'v/nothing' }];
    const answer = await stage.as(DELETE).send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
    expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(['u/nothing']);
    expect(answer.Errors).toMatchObject([{ Key: 'v/nothing', Code: 'AccessDenied' }]);
  });
});

const form = (as: Credential, key = 'u/form', expiresAt = Date.now() + 2 * HOUR) =>
  signForm(stage.targetOf(as), { fields: { key }, conditions: [{ key }], expiresAt }, Buffer.from('x'));
const said = ({ status, code }: PlainAnswer): string => `${status} ${code}`.trim();

describe('a form', () => {
  test('is for who may put there', async () => {
    expect(said(await send(postOf(form(PUT))))).toBe('204');
    expect(said(await send(postOf(form(PUT, 'v/form'))))).toBe('403 AccessDenied');
    expect(said(await send(postOf(form(GET))))).toBe('403 AccessDenied');
  });

  test('ends with the policy, by the clock of the platform', async () => {
    const one = form(PUT);
    stage.s3.setClock(2 * 3_600 - 60);
    expect(said(await send(postOf(one)))).toBe('204');
    stage.s3.setClock(2 * 3_600 + 60);
    const late = await send(postOf(one));
    expect(said(late)).toBe('403 AccessDenied');
    expect(late.body.toString()).toContain('Policy expired');
  });

  test('tells a page of another origin nothing, and one of its own the ETag', async () => {
    const own = await send(withHeaders(postOf(form(PUT)), { origin: PAGE }));
    expect(own.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': 'ETag, x-amz-checksum-sha256',
      etag: '"9dd4e461268c8034f5c8564e155c67a6"',
    });
    const other = await send(withHeaders(postOf(form(PUT)), { origin: 'https://evil.example' }));
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('that is refused says why to its page', async () => {
    const { fields, ...rest } = form(PUT);
    const refused = await send(withHeaders(postOf({ ...rest, fields: { ...fields, key: 'u/x' } }), { origin: PAGE }));
    expect(said(refused)).toBe('403 AccessDenied');
    expect(refused.headers['access-control-allow-origin']).toBe(PAGE);
  });
});

describe('temporary keys', () => {
  test('end in the middle of an upload: ExpiredToken, for parts and for forms', async () => {
    const part = new UploadPartCommand({ ...object, UploadId: uploadId, PartNumber: 2, Body: 'x' });
    const granted = form(SHORT);
    expect(await outcome(stage.as(SHORT).send(part))).toBe('ok');
    expect(said(await send(postOf(granted)))).toBe('204');
    stage.s3.setClock(3_600 + 1);
    const late = stage.as(SHORT);
    late.config.systemClockOffset = HOUR + 1_000;
    expect(await outcome(late.send(part))).toBe('400 ExpiredToken');
    expect(said(await send(postOf(granted)))).toBe('400 ExpiredToken');
  });

  test('that are new are known from when S3 is told of them, and old ones no more', async () => {
    const list = () => new ListMultipartUploadsCommand({ Bucket: BUCKET });
    expect(await outcome(stage.as(LATER).send(list()))).toBe('403 InvalidAccessKeyId');
    stage.s3.setCredentials([...ALL.filter((one) => one !== UPLOADS), LATER]);
    expect(await outcome(stage.as(LATER).send(list()))).toBe('ok');
    expect(await outcome(stage.as(UPLOADS).send(list()))).toBe('403 InvalidAccessKeyId');
    stage.s3.setCredentials(ALL);
  });
});

test('a page may send parts, and read their ETags', async () => {
  const url = `${stage.targetOf().endpoint}/${BUCKET}/u/upload?partNumber=1&uploadId=x`;
  const asked = {
    origin: PAGE,
    'access-control-request-method': 'PUT',
    'access-control-request-headers': 'x-amz-checksum-sha256',
  };
  const answer = await send({ method: 'OPTIONS', url, headers: asked, body: Buffer.alloc(0) });
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': PAGE,
    'access-control-allow-headers': 'x-amz-checksum-sha256',
    'access-control-expose-headers': 'ETag, x-amz-checksum-sha256',
  });
});
