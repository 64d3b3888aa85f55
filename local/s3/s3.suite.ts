import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientOf,
  type PlainRequest,
  type PutGrant,
  presignPut,
  type S3Target,
  send,
  withHeaders,
  without,
  withParameter,
} from './suite-support.ts';

/** Where a server is known not to do what AWS documents: the claim has to fail there, or (`sometimes`) is not asked. */
export interface Difference {
  /** What it does, and the AWS document that says otherwise. */
  readonly reason: string;
  readonly sometimes?: true;
}

/** Differences by the claim's title. */
export type Differences = Readonly<Record<string, Difference>>;

const BODY = Buffer.from('nearput conformance');
const OTHER_SHA256 = createHash('sha256').update('another body').digest('base64');

const newKey = (): string => `u/suite/${randomBytes(8).toString('hex')}`;

/** What Amazon S3 does with single-object requests, as far as nearput relies on it. Runs against any server behind `open`. */
export function s3Suite(name: string, open: () => Promise<S3Target>, differences: Differences = {}): void {
  const claim = (title: string, body: () => Promise<void>): void => {
    const difference = differences[title];
    if (!difference) test(title, body);
    else if (difference.sometimes) test.skip(`${title}: ${difference.reason}`, body);
    else test.fails(`${title}: ${difference.reason}`, body);
  };

  describe(name, () => {
    let target: S3Target;
    let client: S3Client;
    beforeAll(async () => {
      target = await open();
      client = clientOf(target, 'WHEN_SUPPORTED');
    });
    afterAll(() => client?.destroy());

    const put = (key: string, body: Buffer | string = BODY, more: object = {}) =>
      client.send(new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: body, ...more }));
    const head = (key: string, more: object = {}) =>
      client.send(new HeadObjectCommand({ Bucket: target.bucket, Key: key, ...more }));
    const get = (key: string, more: object = {}) =>
      client.send(new GetObjectCommand({ Bucket: target.bucket, Key: key, ...more }));
    const bytesOf = async (key: string, more: object = {}): Promise<Buffer> =>
      Buffer.from((await (await get(key, more)).Body?.transformToByteArray()) ?? []);
    const grant = (change: Partial<PutGrant> = {}): PutGrant => ({
      key: newKey(),
      body: BODY,
      type: 'image/png',
      metadata: 'eyJ2IjoxfQ',
      expiresIn: 60,
      ...change,
    });
    const outcome = async (work: Promise<unknown>): Promise<string> => {
      try {
        await work;
        return 'ok';
      } catch (error) {
        if (!(error instanceof S3ServiceException)) throw error;
        return `${error.$metadata.httpStatusCode} ${error.name}`;
      }
    };
    const absent = async (key: string): Promise<void> => expect(await outcome(head(key))).toBe('404 NotFound');

    describe('a presigned PUT', () => {
      claim('stores exactly what it was granted for', async () => {
        const granted = grant();
        const answer = await send(await presignPut(target, granted));
        expect(answer.status).toBe(200);
        expect(answer.headers.etag).toBe(`"${createHash('md5').update(BODY).digest('hex')}"`);
        expect(answer.headers['x-amz-version-id']).toBeTruthy();
        expect(await bytesOf(granted.key)).toEqual(BODY);
        expect(await head(granted.key, { ChecksumMode: 'ENABLED' })).toMatchObject({
          ContentLength: BODY.length,
          ContentType: 'image/png',
          Metadata: { nearput: 'eyJ2IjoxfQ' },
          ChecksumSHA256: createHash('sha256').update(BODY).digest('base64'),
          VersionId: answer.headers['x-amz-version-id'],
        });
      });

      claim('works again as long as there is no object, then is 412', async () => {
        const request = await presignPut(target, grant());
        expect((await send(request)).status).toBe(200);
        expect(await send(request)).toMatchObject({ status: 412, code: 'PreconditionFailed' });
      });

      claim('stores nothing when the object exists by another way', async () => {
        const granted = grant();
        await put(granted.key, 'first');
        expect((await send(await presignPut(target, granted))).code).toBe('PreconditionFailed');
        expect(await bytesOf(granted.key)).toEqual(Buffer.from('first'));
      });

      const lies: readonly [string, string, (request: PlainRequest) => PlainRequest][] = [
        ['with another method', '403 SignatureDoesNotMatch', (r) => ({ ...r, method: 'DELETE' })],
        ['with another key', '403 SignatureDoesNotMatch', (r) => ({ ...r, url: r.url.replace('?', 'x?') })],
        [
          'with one byte more',
          '403 SignatureDoesNotMatch',
          (r) => ({
            ...withHeaders(r, { 'content-length': String(BODY.length + 1) }),
            body: Buffer.concat([BODY, BODY.subarray(0, 1)]),
          }),
        ],
        [
          'with one byte fewer',
          '403 SignatureDoesNotMatch',
          (r) => ({ ...withHeaders(r, { 'content-length': String(BODY.length - 1) }), body: BODY.subarray(1) }),
        ],
        [
          'with another content type',
          '403 SignatureDoesNotMatch',
          (r) => withHeaders(r, { 'content-type': 'image/gif' }),
        ],
        [
          'with another sha256',
          '403 SignatureDoesNotMatch',
          (r) => withHeaders(r, { 'x-amz-checksum-sha256': OTHER_SHA256 }),
        ],
        ['without its sha256', '403 SignatureDoesNotMatch', (r) => without(r, 'x-amz-checksum-sha256')],
        ['with another body of the same length', '400 BadDigest', (r) => ({ ...r, body: Buffer.from(BODY).reverse() })],
        ['with other metadata', '403 SignatureDoesNotMatch', (r) => withHeaders(r, { 'x-amz-meta-nearput': 'e30' })],
        ['without its metadata', '403 SignatureDoesNotMatch', (r) => without(r, 'x-amz-meta-nearput')],
        ['with an x-amz header more', '403 AccessDenied', (r) => withHeaders(r, { 'x-amz-meta-more': '1' })],
        ['without If-None-Match', '403 SignatureDoesNotMatch', (r) => without(r, 'if-none-match')],
        ['with a longer life', '403 SignatureDoesNotMatch', (r) => withParameter(r, 'X-Amz-Expires', '61')],
        ['with a parameter more', '403 SignatureDoesNotMatch', (r) => withParameter(r, 'x-id', 'GetObject')],
        ['without X-Amz-Date', '400 AuthorizationQueryParametersError', (r) => withParameter(r, 'X-Amz-Date', '')],
        [
          'with its signature changed',
          '403 SignatureDoesNotMatch',
          (r) => withParameter(r, 'X-Amz-Signature', '0'.repeat(64)),
        ],
        [
          'with another access key',
          '403 InvalidAccessKeyId',
          (r) => ({ ...r, url: r.url.replace(/X-Amz-Credential=[^%]+/, 'X-Amz-Credential=AKIANOBODYNOBODYNOBO') }),
        ],
      ];
      for (const [lie, expected, tell] of lies) {
        claim(`is refused ${lie}`, async () => {
          const granted = grant();
          const answer = await send(tell(await presignPut(target, granted)));
          expect(`${answer.status} ${answer.code}`).toBe(expected);
          await absent(granted.key);
        });
      }

      claim('is refused after it expired', async () => {
        const granted = grant();
        const answer = await send(await presignPut(target, granted, new Date(Date.now() - 62_000)));
        expect(answer).toMatchObject({ status: 403, code: 'AccessDenied' });
        expect(answer.body.toString()).toContain('Request has expired');
        await absent(granted.key);
      });

      claim('is refused when it was signed for another Region', async () => {
        const granted = grant();
        const answer = await send(await presignPut({ ...target, region: 'sa-east-1' }, granted));
        expect(answer).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
        await absent(granted.key);
      });

      claim('is refused with a session token nobody issued', async () => {
        const granted = grant();
        const credentials = { ...target.credentials, sessionToken: 'made-up' };
        const answer = await send(await presignPut({ ...target, credentials }, granted));
        expect(answer).toMatchObject({ status: 400, code: 'InvalidToken' });
        await absent(granted.key);
      });

      claim('keeps an unsigned Content-Encoding', async () => {
        const granted = grant();
        const answer = await send(withHeaders(await presignPut(target, granted), { 'content-encoding': 'gzip' }));
        expect(answer.status).toBe(200);
        expect((await head(granted.key)).ContentEncoding).toBe('gzip');
      });
    });

    describe('PutObject', () => {
      claim('takes 0 bytes', async () => {
        const key = newKey();
        expect((await put(key, '', { ContentLength: 0 })).ETag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
        expect(await head(key)).toMatchObject({ ContentLength: 0 });
        expect(await bytesOf(key)).toHaveLength(0);
      });

      claim('gives back every header that describes the object', async () => {
        const key = newKey();
        const more = {
          ContentType: 'text/plain; charset=utf-8',
          ContentEncoding: 'identity',
          CacheControl: 'no-store',
          ContentDisposition: 'attachment; filename="a b.txt"',
          ContentLanguage: 'de',
          Metadata: { one: '1', two: 'zwei' },
        };
        await put(key, BODY, more);
        expect(await head(key)).toMatchObject(more);
      });

      claim('keeps odd keys apart', async () => {
        const base = newKey();
        for (const tail of ['/ä ö', '/a+b', '/a%2Fb', '/a//b', "/$&'()*,;=:@!", '/ümläut/日本語', '/a?b#c']) {
          await put(base + tail, tail);
          expect((await bytesOf(base + tail)).toString()).toBe(tail);
        }
        const listed = await client.send(new ListObjectsV2Command({ Bucket: target.bucket, Prefix: `${base}/` }));
        expect(listed.Contents?.map(({ Key }) => Key?.slice(base.length)).sort()).toEqual(
          ['/ä ö', '/a+b', '/a%2Fb', '/a//b', "/$&'()*,;=:@!", '/ümläut/日本語', '/a?b#c'].sort(),
        );
      });

      claim('takes a stream with the checksum after it', async () => {
        const key = newKey();
        const body = randomBytes(200_000);
        const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
        await client.send(
          new PutObjectCommand({
            Bucket: target.bucket,
            Key: key,
            Body: stream,
            ContentLength: body.length,
            ChecksumAlgorithm: 'SHA256',
          }),
        );
        expect((await bytesOf(key)).equals(body)).toBe(true);
        expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({
          ContentLength: 200_000,
          ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
        });
      });

      // "123456789" is the check value that CRC catalogues use.
      const checks = [
        ['ChecksumCRC32', 'y/Q5Jg=='],
        ['ChecksumCRC32C', '4waSgw=='],
        ['ChecksumCRC64NVME', 'rosUhgp5mIg='],
        ['ChecksumSHA256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
      ] as const;
      for (const [name, value] of checks) {
        const wrong = `${value.startsWith('A') ? 'B' : 'A'}${value.slice(1)}`;
        claim(`checks and keeps ${name}`, async () => {
          const key = newKey();
          await put(key, '123456789', { [name]: value });
          expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({ [name]: value });
          const other = newKey();
          expect(await outcome(put(other, '123456789', { [name]: wrong }))).toBe('400 BadDigest');
          await absent(other);
        });
      }

      claim('checks Content-MD5', async () => {
        const key = newKey();
        expect(await outcome(put(key, '123456789', { ContentMD5: 'JfnnlDI7RTiF9RgfGb0zSw==' }))).toBe('400 BadDigest');
        expect(await outcome(put(key, '123456789', { ContentMD5: 'JfnnlDI7RTiF9RgfG2JNCw==' }))).toBe('ok');
        expect(await outcome(put(key, '123456789', { ContentMD5: 'not base64' }))).toBe('400 InvalidDigest');
      });

      claim('computes CRC64NVME when no checksum is given', async () => {
        const key = newKey();
        const plain = clientOf(target, 'WHEN_REQUIRED');
        await plain.send(new PutObjectCommand({ Bucket: target.bucket, Key: key, Body: '123456789' }));
        plain.destroy();
        expect(await head(key, { ChecksumMode: 'ENABLED' })).toMatchObject({ ChecksumCRC64NVME: 'rosUhgp5mIg=' });
      });

      claim('replaces only what If-Match names', async () => {
        const key = newKey();
        const { ETag } = await put(key, 'one');
        expect(await outcome(put(key, 'two', { IfMatch: '"00000000000000000000000000000000"' }))).toBe(
          '412 PreconditionFailed',
        );
        expect(await outcome(put(key, 'two', { IfMatch: ETag }))).toBe('ok');
        expect(await outcome(put(newKey(), 'two', { IfMatch: ETag }))).toBe('404 NoSuchKey');
        expect((await bytesOf(key)).toString()).toBe('two');
      });

      claim('lets one of many If-None-Match writers win', async () => {
        const key = newKey();
        const results = await Promise.all(
          Array.from({ length: 8 }, (_, i) => outcome(put(key, `writer ${i}`, { IfNoneMatch: '*' }))),
        );
        expect(results.filter((result) => result === 'ok')).toHaveLength(1);
        expect(results.filter((result) => result !== 'ok' && !/^(412|409) /.test(result))).toEqual([]);
        const versions = await client.send(new ListObjectVersionsCommand({ Bucket: target.bucket, Prefix: key }));
        expect(versions.Versions).toHaveLength(1);
      });

      claim('refuses metadata of more than 2 KB', async () => {
        const key = newKey();
        expect(await outcome(put(key, BODY, { Metadata: { a: 'x'.repeat(2_047) } }))).toBe('ok');
        const other = newKey();
        expect(await outcome(put(other, BODY, { Metadata: { a: 'x'.repeat(2_048) } }))).toBe('400 MetadataTooLarge');
        await absent(other);
      });

      claim('refuses a body without a length', async () => {
        const plain = clientOf(target, 'WHEN_REQUIRED');
        const key = newKey();
        const command = new PutObjectCommand({ Bucket: target.bucket, Key: key });
        const url = await getSignedUrl(plain, command, { expiresIn: 60 });
        plain.destroy();
        const headers = { 'transfer-encoding': 'chunked' };
        expect(await send({ method: 'PUT', url, headers, body: BODY })).toMatchObject({
          status: 411,
          code: 'MissingContentLength',
        });
        await absent(key);
      });
    });

    describe('reading', () => {
      const RANGES: readonly [string, string, string][] = [
        ['bytes=0-3', '0123', 'bytes 0-3/10'],
        ['bytes=4-', '456789', 'bytes 4-9/10'],
        ['bytes=-2', '89', 'bytes 8-9/10'],
        ['bytes=8-99', '89', 'bytes 8-9/10'],
        ['bytes=-99', '0123456789', 'bytes 0-9/10'],
      ];
      claim('gives ranges', async () => {
        const key = newKey();
        await put(key, '0123456789');
        for (const [range, text, contentRange] of RANGES) {
          const answer = await get(key, { Range: range });
          expect(answer.ContentRange).toBe(contentRange);
          expect(await answer.Body?.transformToString()).toBe(text);
        }
        expect(await outcome(get(key, { Range: 'bytes=10-' }))).toBe('416 InvalidRange');
      });

      claim('honours If-Match and If-None-Match', async () => {
        const key = newKey();
        const { ETag } = await put(key);
        expect(await outcome(get(key, { IfMatch: ETag }))).toBe('ok');
        expect(await outcome(get(key, { IfMatch: '"0"' }))).toBe('412 PreconditionFailed');
        expect(await outcome(get(key, { IfNoneMatch: '"0"' }))).toBe('ok');
        expect(await outcome(get(key, { IfNoneMatch: ETag }))).toMatch(/^304 /);
      });

      claim('overrides headers when the query asks and is signed', async () => {
        const key = newKey();
        await put(key, BODY, { ContentType: 'text/html' });
        const command = new GetObjectCommand({
          Bucket: target.bucket,
          Key: key,
          ResponseContentType: 'application/octet-stream',
          ResponseContentDisposition: 'attachment; filename="ä.txt"',
        });
        const plain = clientOf(target, 'WHEN_REQUIRED');
        const url = await getSignedUrl(plain, command, { expiresIn: 60 });
        const request: PlainRequest = { method: 'GET', url, headers: {}, body: Buffer.alloc(0) };
        const answer = await send(request);
        expect(answer.status).toBe(200);
        expect(answer.headers['content-type']).toBe('application/octet-stream');
        expect(answer.body).toEqual(BODY);
        const lied = await send(withParameter(request, 'response-content-type', 'text/html'));
        expect(lied.code).toBe('SignatureDoesNotMatch');
      });

      claim('answers 404 for what is not there', async () => {
        expect(await outcome(get(newKey()))).toBe('404 NoSuchKey');
        await absent(newKey());
        const missing = client.send(new GetObjectCommand({ Bucket: 'no-such-bucket-here', Key: 'a' }));
        expect(await outcome(missing)).toBe('404 NoSuchBucket');
      });
    });

    describe('versions', () => {
      claim('are kept, read and removed one by one', async () => {
        const versioning = await client.send(new GetBucketVersioningCommand({ Bucket: target.bucket }));
        expect(versioning.Status).toBe('Enabled');
        const key = newKey();
        const first = await put(key, 'one');
        const second = await put(key, 'two');
        expect(second.VersionId).not.toBe(first.VersionId);
        expect((await bytesOf(key, { VersionId: first.VersionId })).toString()).toBe('one');
        expect((await bytesOf(key)).toString()).toBe('two');
        await client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key, VersionId: second.VersionId }));
        expect((await bytesOf(key)).toString()).toBe('one');
        expect(await outcome(get(key, { VersionId: second.VersionId }))).toBe('404 NoSuchVersion');
      });

      claim('are hidden by a delete marker and come back without it', async () => {
        const key = newKey();
        const { VersionId } = await put(key);
        const deleted = await client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key }));
        expect(deleted.DeleteMarker).toBe(true);
        await absent(key);
        expect(await bytesOf(key, { VersionId })).toEqual(BODY);
        expect(await outcome(get(key, { VersionId: deleted.VersionId }))).toBe('405 MethodNotAllowed');
        const list = await client.send(new ListObjectVersionsCommand({ Bucket: target.bucket, Prefix: key }));
        expect(list.Versions).toMatchObject([{ VersionId, IsLatest: false }]);
        expect(list.DeleteMarkers).toMatchObject([{ VersionId: deleted.VersionId, IsLatest: true }]);
        await client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key, VersionId: deleted.VersionId }));
        expect(await bytesOf(key)).toEqual(BODY);
      });

      claim('let If-None-Match write over a delete marker', async () => {
        const key = newKey();
        await put(key);
        await client.send(new DeleteObjectCommand({ Bucket: target.bucket, Key: key }));
        expect(await outcome(put(key, 'again', { IfNoneMatch: '*' }))).toBe('ok');
      });
    });

    describe('ListObjectsV2', () => {
      claim('pages in the order of UTF-8 bytes', async () => {
        const base = `${newKey()}/`;
        const names = ['A', 'a', 'a/b', 'a0', '\u{10000}', '\uffee', 'é'];
        for (const name of names) await put(base + name, name);
        const seen: string[] = [];
        let token: string | undefined;
        do {
          const page = await client.send(
            new ListObjectsV2Command({ Bucket: target.bucket, Prefix: base, MaxKeys: 2, ContinuationToken: token }),
          );
          expect(page.KeyCount).toBeLessThanOrEqual(2);
          for (const { Key } of page.Contents ?? []) seen.push(Key?.slice(base.length) ?? '');
          token = page.NextContinuationToken;
        } while (token !== undefined);
        expect(seen).toEqual(['A', 'a', 'a/b', 'a0', 'é', '\uffee', '\u{10000}']);
      });

      claim('rolls up at the delimiter and starts after a key', async () => {
        const base = `${newKey()}/`;
        for (const name of ['1', '2/a', '2/b', '3/a', '4']) await put(base + name, name);
        const list = (more: object) =>
          client.send(new ListObjectsV2Command({ Bucket: target.bucket, Prefix: base, Delimiter: '/', ...more }));
        const all = await list({});
        expect(all.Contents?.map(({ Key }) => Key?.slice(base.length))).toEqual(['1', '4']);
        expect(all.CommonPrefixes?.map(({ Prefix }) => Prefix?.slice(base.length))).toEqual(['2/', '3/']);
        const later = await list({ StartAfter: `${base}2/b` });
        expect(later.CommonPrefixes?.map(({ Prefix }) => Prefix?.slice(base.length))).toEqual(['3/']);
        expect(later.Contents?.map(({ Key }) => Key?.slice(base.length))).toEqual(['4']);
      });
    });
  });
}
