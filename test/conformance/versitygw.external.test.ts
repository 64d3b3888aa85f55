import { createHash } from 'node:crypto';
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { presign } from '../../core/objects/presign.ts';
import { objectUrl, s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import { signHeaders } from '../../core/objects/sign-headers.ts';
import { send, type WireAnswer } from '../support/wire.ts';
import { type GrantOptions, grantFor, LIES, requestFor } from './granted-put.fixture.ts';
import { startVersitygw, type Versitygw } from './versitygw.fixture.ts';

/** What the gate grants and signs, judged by an S3 that shares no code with us. */

const BUCKET = 'uploads';
const BODY = Buffer.from('versitygw is the judge');
const SHA256 = createHash('sha256').update(BODY).digest('hex');

let server: Versitygw;

beforeAll(async () => {
  server = await startVersitygw('eu-west-1');
  const client = new S3Client({ ...server, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
});

afterAll(async () => {
  await server?.stop();
});

const endpoint = () => s3Endpoint({ bucket: BUCKET, ...server });
/** Now, in a second that ends with 7, so that the lie about the time is one. */
const signingTime = (): number => {
  const now = Date.now();
  return now - (now % 10_000) - 3_000;
};
let nonce = 0;
const freshGrant = (options: Partial<GrantOptions> = {}) => {
  nonce += 1;
  return grantFor({
    ...server,
    endpoint: endpoint(),
    now: signingTime(),
    size: BODY.length,
    sha256: SHA256,
    nonce,
    ...options,
  });
};

const keyOf = (url: string): string => decodeURIComponent(new URL(url).pathname).slice(BUCKET.length + 2);

/** A signed GET or HEAD of the object a grant was for, by headers. */
const read = (method: 'GET' | 'HEAD', key: string, headers: Record<string, string> = {}): Promise<WireAnswer> => {
  const url = objectUrl(endpoint(), key);
  const signed = signHeaders({ ...server, method, url, headers, service: 's3', now: Date.now() });
  return send({ method, url, headers: signed, body: Buffer.alloc(0) });
};

describe('versitygw', () => {
  it.each<[string, Buffer, Partial<GrantOptions>]>([
    ['with a checksum', BODY, {}],
    ['without a checksum', BODY, { sha256: null }],
    ['of no bytes', Buffer.alloc(0), { size: 0, sha256: null }],
    ['of one byte', Buffer.from('1'), { size: 1, sha256: null }],
    ['with a long name and metadata', BODY, { name: '😀'.repeat(100), metadata: { m: 'é'.repeat(300) } }],
    ['with a quoted parameter in its type', BODY, { type: 'text/plain; charset="utf-8"; x=a+b' }],
  ])('stores a granted PUT %s, with what was granted', async (_, body, options) => {
    const grant = freshGrant(options);
    expect(await send(requestFor(grant, body))).toMatchObject({ status: 200 });
    const head = await read('HEAD', keyOf(grant.url), { 'x-amz-checksum-mode': 'ENABLED' });
    expect(head).toMatchObject({
      status: 200,
      headers: {
        'content-length': String(body.length),
        'content-type': grant.headers['content-type'],
        'x-amz-meta-nearput': grant.headers['x-amz-meta-nearput'],
      },
    });
    expect(head.headers['x-amz-checksum-sha256']).toBe(grant.headers['x-amz-checksum-sha256']);
    expect((await read('GET', keyOf(grant.url))).body).toEqual(body);
  });

  it.each(LIES)('refuses a granted PUT with %s, and stores nothing', async (_, tell) => {
    const grant = freshGrant();
    const lie = tell(requestFor(grant, BODY));
    const { status } = await send(lie);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(await read('HEAD', keyOf(grant.url))).toMatchObject({ status: 404 });
    expect((await read('HEAD', keyOf(lie.url))).status).toBe(404);
  });

  it('refuses a granted PUT after its end', async () => {
    const grant = freshGrant({ now: Date.now() - 901_000 });
    expect(await send(requestFor(grant, BODY))).toMatchObject({ status: 403 });
  });

  it('refuses the same PUT again, because the bytes are there', async () => {
    const request = requestFor(freshGrant(), BODY);
    expect(await send(request)).toMatchObject({ status: 200 });
    expect(await send(request)).toMatchObject({ status: 412 });
  });

  it('takes presigned and header-signed requests for keys of any characters', async () => {
    for (const key of ["a b+c/é日😀/!'()*~", '%20/%2F', 'q?#&=;:@$,']) {
      const url = presign({
        ...server,
        method: 'PUT',
        endpoint: endpoint(),
        key,
        headers: { 'content-length': String(BODY.length) },
        now: Date.now(),
        expiresIn: 60,
      });
      const headers = { host: new URL(url).host, 'content-length': String(BODY.length) };
      expect(await send({ method: 'PUT', url, headers, body: BODY }), key).toMatchObject({ status: 200 });
      expect((await read('GET', key, { range: 'bytes=0-8' })).body.toString(), key).toBe('versitygw');
    }
  });
});
