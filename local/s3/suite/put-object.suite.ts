import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { ListObjectsV2Command, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect } from 'vitest';
import { asking, BODY, newKey, outcome, type SuiteContext } from './context.ts';
import { send } from './requests.ts';

/** PutObject: what is kept, checked and refused. */
export function putObjectSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { put, head, bytesOf, absent, plainClient } = asking(context);
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
      const listed = await client().send(new ListObjectsV2Command({ Bucket: target().bucket, Prefix: `${base}/` }));
      expect(listed.Contents?.map(({ Key }) => Key?.slice(base.length)).sort()).toEqual(
        ['/ä ö', '/a+b', '/a%2Fb', '/a//b', "/$&'()*,;=:@!", '/ümläut/日本語', '/a?b#c'].sort(),
      );
    });

    claim('takes a stream with the checksum after it', async () => {
      const key = newKey();
      const body = randomBytes(200_000);
      const stream = Readable.from([body.subarray(0, 70_000), body.subarray(70_000)]);
      await client().send(
        new PutObjectCommand({
          Bucket: target().bucket,
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
      const plain = plainClient();
      await plain.send(new PutObjectCommand({ Bucket: target().bucket, Key: key, Body: '123456789' }));
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
      const versions = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
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
      const plain = plainClient();
      const key = newKey();
      const command = new PutObjectCommand({ Bucket: target().bucket, Key: key });
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
}
