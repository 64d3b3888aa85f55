import { randomBytes } from 'node:crypto';
import { UploadPartCopyCommand, type UploadPartCopyCommandInput } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { asking, newKey, outcome, type SuiteContext } from './context.ts';
import { type Begun, beginning, FIRST, FIRST_ETAG, LAST, LAST_ETAG } from './multipart-context.ts';

/** Parts that are copied from objects. */
export function copyPartSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { put, bytesOf, absent, plainClient } = asking(context);
  const begin = beginning(context, plainClient);
  const copyPart = (
    { key, uploadId }: Pick<Begun, 'key' | 'uploadId'>,
    PartNumber: number,
    from: string,
    more: Partial<UploadPartCopyCommandInput> = {},
  ) =>
    client().send(
      new UploadPartCopyCommand({
        Bucket: target().bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber,
        CopySource: encodeURI(`${target().bucket}/${from}`),
        ...more,
      }),
    );

  describe('a part that is copied', () => {
    claim('is the whole source, or a range of it, beside parts that are sent', async () => {
      const [whole, some] = [`${newKey()} ä`, newKey()];
      await put(whole, FIRST);
      await put(some, Buffer.concat([Buffer.from('before'), LAST, Buffer.from('behind')]));
      const upload = await begin();
      expect((await copyPart(upload, 1, whole)).CopyPartResult).toMatchObject({
        ETag: FIRST_ETAG,
        LastModified: expect.any(Date),
      });
      const range = { CopySourceRange: 'bytes=6-14' };
      expect((await copyPart(upload, 3, some, range)).CopyPartResult?.ETag).toBe(LAST_ETAG);
      await upload.part(2, FIRST);
      expect((await upload.parts()).Parts?.map(({ Size }) => Size)).toEqual([5_242_880, 5_242_880, 9]);
      await upload.complete([
        { PartNumber: 1, ETag: FIRST_ETAG },
        { PartNumber: 2, ETag: FIRST_ETAG },
        { PartNumber: 3, ETag: LAST_ETAG },
      ]);
      expect((await bytesOf(upload.key)).equals(Buffer.concat([FIRST, FIRST, LAST]))).toBe(true);
    });

    claim('is read over the seams of a source that was made of parts, and of the version it is told', async () => {
      const source = await begin();
      const random = randomBytes(FIRST.length);
      const one = await source.part(1, random);
      await source.part(2, LAST);
      const { VersionId } = await source.complete([
        { PartNumber: 1, ETag: one.ETag },
        { PartNumber: 2, ETag: LAST_ETAG },
      ]);
      await put(source.key, 'a newer version');
      const upload = await begin();
      const { CopyPartResult } = await copyPart(upload, 1, '', {
        CopySource: `${target().bucket}/${source.key}?versionId=${VersionId}`,
        CopySourceRange: `bytes=5-${random.length + 4}`,
      });
      await upload.complete([{ PartNumber: 1, ETag: CopyPartResult?.ETag }]);
      expect((await bytesOf(upload.key)).equals(Buffer.concat([random.subarray(5), LAST.subarray(0, 5)]))).toBe(true);
    });

    claim('has the checksum its upload was begun with', async () => {
      const from = newKey();
      await put(from, LAST);
      const upload = await begin({ ChecksumAlgorithm: 'SHA256' });
      // SHA-256 of 123456789, worked out elsewhere.
      const ChecksumSHA256 = 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=';
      expect((await copyPart(upload, 1, from)).CopyPartResult).toMatchObject({ ChecksumSHA256 });
      expect((await upload.parts()).Parts).toMatchObject([{ ETag: LAST_ETAG, ChecksumSHA256 }]);
    });

    const lies: readonly [string, string, Partial<UploadPartCopyCommandInput>][] = [
      ['with a range behind its source', '400 InvalidArgument', { CopySourceRange: 'bytes=0-9' }],
      ['with a range without an end', '400 InvalidArgument', { CopySourceRange: 'bytes=0-' }],
      ['with a range that ends before it begins', '400 InvalidArgument', { CopySourceRange: 'bytes=2-1' }],
      ['with the number 10,001', '400 InvalidArgument', { PartNumber: 10_001 }],
      ['of an upload nobody began', '404 NoSuchUpload', { UploadId: 'bm9ib2R5' }],
      ['of another ETag than it asks for', '412 PreconditionFailed', { CopySourceIfMatch: '"0"' }],
      ['of a source that is not there', '404 NoSuchKey', { CopySource: '' }],
    ];
    for (const [lie, expected, change] of lies) {
      claim(`${lie} is no part`, async () => {
        const from = newKey();
        await put(from, LAST);
        const upload = await begin();
        const missing = change.CopySource === '' ? { CopySource: `${target().bucket}/${newKey()}` } : change;
        expect(await outcome(copyPart(upload, 1, from, missing))).toBe(expected);
        expect((await upload.parts()).Parts ?? []).toEqual([]);
        await absent(upload.key);
      });
    }
  });
}
