import {
  CompleteMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { asking, newKey, outcome, type SuiteContext } from './context.ts';
import { at, BOTH_ETAG, beginning, FIRST, FIRST_ETAG, LAST, LAST_ETAG } from './multipart-context.ts';

/** Multipart uploads: parts, lists, completion and abort. */
export function multipartSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { put, head, get, bytesOf, absent, plainClient } = asking(context);
  const begin = beginning(context, plainClient);
  const BOTH = [
    { PartNumber: 1, ETag: FIRST_ETAG },
    { PartNumber: 2, ETag: LAST_ETAG },
  ];
  const filled = async (more: object = {}, key = newKey()) => {
    const upload = await begin(more, key);
    await upload.part(1, FIRST);
    await upload.part(2, LAST);
    return upload;
  };
  const uploadsOf = (more: object) =>
    client().send(new ListMultipartUploadsCommand({ Bucket: target().bucket, ...more }));

  describe('a multipart upload', () => {
    claim('becomes an object that is described as it was begun', async () => {
      const more = { ContentType: 'video/mp4', CacheControl: 'no-store', Metadata: { nearput: 'eyJ2IjoxfQ' } };
      const { key, complete } = await filled(more);
      expect(await complete(BOTH)).toMatchObject({ Bucket: target().bucket, Key: key, ETag: BOTH_ETAG });
      expect(await head(key)).toMatchObject({ ContentLength: FIRST.length + 9, ETag: BOTH_ETAG, ...more });
      const whole = await bytesOf(key);
      expect(whole.equals(Buffer.concat([FIRST, LAST]))).toBe(true);
    });

    claim('is read over the seams of its parts', async () => {
      const { key, complete } = await filled();
      await complete(BOTH);
      expect((await bytesOf(key, { Range: `bytes=${FIRST.length - 2}-${FIRST.length + 1}` })).toString()).toBe('aa12');
      expect((await bytesOf(key, { Range: 'bytes=-3' })).toString()).toBe('789');
      const second = await get(key, { PartNumber: 2 });
      expect(second).toMatchObject({ ContentLength: 9, PartsCount: 2 });
      expect(await second.Body?.transformToString()).toBe('123456789');
      expect(await outcome(get(key, { PartNumber: 3 }))).toBe('416 InvalidPartNumber');
    });

    claim('shows nothing before it is complete', async () => {
      const { key } = await filled();
      await absent(key);
      const versions = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
      expect(versions.Versions ?? []).toEqual([]);
    });

    claim('takes parts in any order, and the last of those that come again', async () => {
      const { key, part, complete } = await begin();
      await part(2, 'first try');
      await part(1, FIRST);
      expect((await part(2, LAST)).ETag).toBe(LAST_ETAG);
      await complete(BOTH);
      expect((await bytesOf(key, { Range: 'bytes=-9' })).toString()).toBe('123456789');
    });

    claim('takes numbers with gaps, and leaves out what is not named', async () => {
      const { key, part, complete } = await begin();
      for (const number of [3, 7, 10_000]) await part(number, LAST);
      await complete([{ PartNumber: 7, ETag: LAST_ETAG }]);
      expect((await bytesOf(key)).toString()).toBe('123456789');
      expect((await head(key)).ETag).toBe('"5927c5d64d94a5786f90003aa26d0159-1"');
    });

    claim('may be of one empty part', async () => {
      const { key, part, complete } = await begin();
      const { ETag } = await part(1, '');
      await complete([{ PartNumber: 1, ETag }]);
      expect(await head(key)).toMatchObject({ ContentLength: 0 });
      expect(await bytesOf(key)).toHaveLength(0);
    });

    claim('lists its parts by number, in pages', async () => {
      const { key, uploadId, part, parts } = await begin();
      for (const number of [30, 1, 200, 2, 10]) await part(number, 'x'.repeat(number));
      const first = await parts({ MaxParts: 3 });
      expect(first).toMatchObject({ Key: key, UploadId: uploadId, IsTruncated: true, MaxParts: 3 });
      expect(first.Parts?.map(({ PartNumber, Size }) => [PartNumber, Size])).toEqual([
        [1, 1],
        [2, 2],
        [10, 10],
      ]);
      const second = await parts({ MaxParts: 3, PartNumberMarker: first.NextPartNumberMarker });
      expect(second.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([30, 200]);
      expect(second.IsTruncated).toBe(false);
    });

    claim('is listed while it is open, by prefix and in pages', async () => {
      const base = newKey();
      const begun = [await begin({}, `${base}/b`), await begin({}, `${base}/a`), await begin({}, `${base}/c`)];
      await begin();
      const first = await uploadsOf({ Prefix: `${base}/`, MaxUploads: 2 });
      expect(first.IsTruncated).toBe(true);
      expect(first.Uploads?.map(({ Key, UploadId }) => [Key, UploadId])).toEqual([
        [`${base}/a`, begun[1]?.uploadId],
        [`${base}/b`, begun[0]?.uploadId],
      ]);
      const second = await uploadsOf({
        Prefix: `${base}/`,
        KeyMarker: first.NextKeyMarker,
        UploadIdMarker: first.NextUploadIdMarker,
      });
      expect(second.Uploads?.map(({ UploadId }) => UploadId)).toEqual([begun[2]?.uploadId]);
      for (const { abort } of begun) await abort();
      expect((await uploadsOf({ Prefix: `${base}/` })).Uploads ?? []).toEqual([]);
    });

    claim('of a key that has several is listed in the order they were begun', async () => {
      const key = newKey();
      const ids: string[] = [];
      for (let i = 0; i < 3; i++) ids.push((await begin({}, key)).uploadId);
      const first = await uploadsOf({ Prefix: key, MaxUploads: 1 });
      expect(first.Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids.slice(0, 1));
      const rest = await uploadsOf({ Prefix: key, KeyMarker: key, UploadIdMarker: ids[0] });
      expect(rest.Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids.slice(1));
    });

    claim('ends by abort: what comes late finds no upload', async () => {
      const { key, abort, part, parts, complete } = await filled();
      expect(await outcome(abort())).toBe('ok');
      expect(await outcome(part(1, LAST))).toBe('404 NoSuchUpload');
      expect(await outcome(parts())).toBe('404 NoSuchUpload');
      expect(await outcome(complete(BOTH))).toBe('404 NoSuchUpload');
      expect(await outcome(abort())).toBe('404 NoSuchUpload');
      await absent(key);
    });

    claim('is no more when it is complete, and abort harms no object', async () => {
      const { key, abort, part, parts, complete } = await filled();
      await complete(BOTH);
      expect(await outcome(part(2, 'late'))).toBe('404 NoSuchUpload');
      expect(await outcome(parts())).toBe('404 NoSuchUpload');
      expect(await outcome(abort())).toBe('404 NoSuchUpload');
      expect(await head(key)).toMatchObject({ ETag: BOTH_ETAG });
    });

    claim('answers the same completion again', async () => {
      const { key, complete } = await filled();
      const { ETag, VersionId } = await complete(BOTH);
      expect(await complete(BOTH)).toMatchObject({ ETag, VersionId });
      const versions = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
      expect(versions.Versions).toHaveLength(1);
    });

    claim('completed by many at once is one version', async () => {
      const { key, complete } = await filled();
      const results = await Promise.all(Array.from({ length: 8 }, () => outcome(complete(BOTH))));
      expect(new Set(results)).toEqual(new Set(['ok']));
      const versions = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
      expect(versions.Versions).toHaveLength(1);
    });

    claim('with If-None-Match is complete only where there is no object, and else stays open', async () => {
      const key = newKey();
      const [one, other] = [await filled({}, key), await filled({}, key)];
      expect(await outcome(one.complete(BOTH, { IfNoneMatch: '*' }))).toBe('ok');
      expect(await outcome(other.complete(BOTH, { IfNoneMatch: '*' }))).toBe('412 PreconditionFailed');
      expect((await other.parts()).Parts).toHaveLength(2);
    });

    claim('lets one of many If-None-Match completions win', async () => {
      const key = newKey();
      const uploads = await Promise.all(Array.from({ length: 6 }, () => begin({}, key)));
      for (const { part } of uploads) await part(1, LAST);
      const only = [{ PartNumber: 1, ETag: LAST_ETAG }];
      const results = await Promise.all(uploads.map(({ complete }) => outcome(complete(only, { IfNoneMatch: '*' }))));
      expect(results.filter((result) => result === 'ok')).toHaveLength(1);
      expect(results.filter((result) => result !== 'ok' && !/^(412|409) /.test(result))).toEqual([]);
    });

    claim('counts from its beginning: a version begun later stays the current one', async () => {
      const { key, complete } = await filled();
      await put(key, 'begun later');
      await complete(BOTH);
      expect((await bytesOf(key)).toString()).toBe('begun later');
      const versions = await client().send(new ListObjectVersionsCommand({ Bucket: target().bucket, Prefix: key }));
      expect(versions.Versions?.map(({ ETag }) => ETag === BOTH_ETAG)).toEqual([false, true]);
    });
  });

  describe('a part is refused', () => {
    const lies: readonly [string, string, (upload: Awaited<ReturnType<typeof begin>>) => Promise<unknown>][] = [
      ['with the number 0', '400 InvalidArgument', ({ part }) => part(0, LAST)],
      ['with the number 10,001', '400 InvalidArgument', ({ part }) => part(10_001, LAST)],
      [
        'with a Content-MD5 of other bytes',
        '400 BadDigest',
        ({ part }) => part(1, LAST, { ContentMD5: 'JfnnlDI7RTiF9RgfGb0zSw==' }),
      ],
      [
        'with a SHA-256 of other bytes',
        '400 BadDigest',
        ({ part }) => part(1, LAST, { ChecksumSHA256: 'AeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=' }),
      ],
      [
        'for an upload of another key',
        '404 NoSuchUpload',
        ({ uploadId }) => at(client(), { Bucket: target().bucket, Key: newKey() }, uploadId).part(1, LAST),
      ],
      [
        'for an upload nobody began',
        '404 NoSuchUpload',
        ({ key }) => at(client(), { Bucket: target().bucket, Key: key }, 'bm9ib2R5').part(1, LAST),
      ],
    ];
    for (const [lie, expected, tell] of lies) {
      claim(`part ${lie} is refused`, async () => {
        const upload = await begin();
        expect(await outcome(tell(upload))).toBe(expected);
        expect((await upload.parts()).Parts ?? []).toEqual([]);
      });
    }
  });

  describe('a completion', () => {
    const lies: readonly [string, string, readonly object[], object][] = [
      ['out of order', '400 InvalidPartOrder', [{ PartNumber: 3, ETag: FIRST_ETAG }, ...BOTH], {}],
      ['with a part twice', '400 InvalidPartOrder', [BOTH[0] ?? {}, BOTH[0] ?? {}], {}],
      ['with a part that never came', '400 InvalidPart', [BOTH[0] ?? {}, { PartNumber: 4, ETag: LAST_ETAG }], {}],
      ['with the ETag of another part', '400 InvalidPart', [{ PartNumber: 1, ETag: LAST_ETAG }], {}],
      ['without parts', '400 MalformedXML', [], {}],
      ['with a part without ETag', '400 MalformedXML', [{ PartNumber: 1 }], {}],
      ['with the number 0', '400 InvalidArgument', [{ PartNumber: 0, ETag: LAST_ETAG }], {}],
      ['with another object size', '400 InvalidRequest', BOTH, { MpuObjectSize: 5_242_890 }],
      ['with If-Match of an object that is not there', '404 NoSuchKey', BOTH, { IfMatch: '"0"' }],
    ];
    for (const [lie, expected, parts, more] of lies) {
      claim(`${lie} is refused and leaves the upload open`, async () => {
        const { key, part, parts: held, complete } = await filled();
        await part(3, FIRST);
        expect(await outcome(complete(parts, more))).toBe(expected);
        expect((await held()).Parts).toHaveLength(3);
        await absent(key);
      });
    }

    claim('names the part that is too small, and leaves the upload open', async () => {
      const { key, part, parts, complete } = await begin();
      for (const number of [1, 2]) await part(number, LAST);
      const failed = complete([1, 2].map((PartNumber) => ({ PartNumber, ETag: LAST_ETAG })));
      await expect(failed).rejects.toMatchObject({
        name: 'EntityTooSmall',
        PartNumber: '1',
        ETag: '25f9e794323b453885f5181f1b624d0b',
      });
      expect((await parts()).Parts).toHaveLength(2);
      await absent(key);
    });

    claim('takes the right object size', async () => {
      const { complete } = await filled();
      expect(await outcome(complete(BOTH, { MpuObjectSize: 5_242_889 }))).toBe('ok');
    });

    claim('of an upload nobody began is NoSuchUpload', async () => {
      const command = new CompleteMultipartUploadCommand({
        Bucket: target().bucket,
        Key: newKey(),
        UploadId: 'bm9ib2R5',
        MultipartUpload: { Parts: BOTH },
      });
      expect(await outcome(client().send(command))).toBe('404 NoSuchUpload');
    });
  });
}
