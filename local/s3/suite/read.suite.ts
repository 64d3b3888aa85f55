import {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect } from 'vitest';
import { asking, BODY, newKey, outcome, type SuiteContext } from './context.ts';
import { type PlainRequest, send, withParameter } from './requests.ts';

/** Reading, versions and lists. */
export function readSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { put, get, bytesOf, absent, plainClient } = asking(context);
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
        Bucket: target().bucket,
        Key: key,
        ResponseContentType: 'application/octet-stream',
        ResponseContentDisposition: 'attachment; filename="ä.txt"',
      });
      const plain = plainClient();
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
      const missing = client().send(new GetObjectCommand({ Bucket: 'no-such-bucket-here', Key: 'a' }));
      expect(await outcome(missing)).toBe('404 NoSuchBucket');
    });
  });

  describe('versions', () => {
    claim('are kept, read and removed one by one', async () => {
      const versioning = await client().send(new GetBucketVersioningCommand({ Bucket: target().bucket }));
      expect(versioning.Status).toBe('Enabled');
      const key = newKey();
      const first = await put(key, 'one');
      const second = await put(key, 'two');
      expect(second.VersionId).not.toBe(first.VersionId);
      expect((await bytesOf(key, { VersionId: first.VersionId })).toString()).toBe('one');
      expect((await bytesOf(key)).toString()).toBe('two');
      await client().send(new DeleteObjectCommand({ Bucket: target().bucket, Key: key, VersionId: second.VersionId }));
      expect((await bytesOf(key)).toString()).toBe('one');
      expect(await outcome(get(key, { VersionId: second.VersionId }))).toBe('404 NoSuchVersion');
    });

    claim('are hidden by a delete marker and come back without it', async () => {
      const key = newKey();
      const { VersionId } = await put(key);
      const deleted = await client().send(new DeleteObjectCommand({ Bucket: target().bucket, Key: key }));
      expect(deleted.DeleteMarker).toBe(true);
      await absent(key);
      expect(await bytesOf(key, { VersionId })).toEqual(BODY);
      expect(await outcome(get(key, { VersionId: deleted.VersionId }))).toBe('405 MethodNotAllowed');
      const list = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
      expect(list.Versions).toMatchObject([{ VersionId, IsLatest: false }]);
      expect(list.DeleteMarkers).toMatchObject([{ VersionId: deleted.VersionId, IsLatest: true }]);
      await client().send(new DeleteObjectCommand({ Bucket: target().bucket, Key: key, VersionId: deleted.VersionId }));
      expect(await bytesOf(key)).toEqual(BODY);
    });

    claim('let If-None-Match write over a delete marker', async () => {
      const key = newKey();
      await put(key);
      await client().send(new DeleteObjectCommand({ Bucket: target().bucket, Key: key }));
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
        const page = await client().send(
          new ListObjectsV2Command({ Bucket: target().bucket, Prefix: base, MaxKeys: 2, ContinuationToken: token }),
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
        client().send(new ListObjectsV2Command({ Bucket: target().bucket, Prefix: base, Delimiter: '/', ...more }));
      const all = await list({});
      expect(all.Contents?.map(({ Key }) => Key?.slice(base.length))).toEqual(['1', '4']);
      expect(all.CommonPrefixes?.map(({ Prefix }) => Prefix?.slice(base.length))).toEqual(['2/', '3/']);
      const later = await list({ StartAfter: `${base}2/b` });
      expect(later.CommonPrefixes?.map(({ Prefix }) => Prefix?.slice(base.length))).toEqual(['3/']);
      expect(later.Contents?.map(({ Key }) => Key?.slice(base.length))).toEqual(['4']);
    });
  });
}
