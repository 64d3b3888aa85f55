import {
  CopyObjectCommand,
  type CopyObjectCommandInput,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectAttributesCommand,
  GetObjectTaggingCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { asking, BODY, newKey, outcome, type SuiteContext } from './context.ts';
import { BOTH_ETAG, beginning, FIRST, FIRST_ETAG, LAST, LAST_ETAG } from './multipart-context.ts';

/** Copies, deletes of many, tags, attributes and encryption. */
export function objectsSuite(context: SuiteContext): void {
  const { claim, client, target } = context;
  const { put, head, bytesOf, absent, plainClient } = asking(context);
  const begin = beginning(context, plainClient);
  const object = (Key: string) => ({ Bucket: target().bucket, Key });
  const copy = (from: string, to: string, more: Partial<CopyObjectCommandInput> = {}) =>
    client().send(
      new CopyObjectCommand({ ...object(to), CopySource: encodeURI(`${target().bucket}/${from}`), ...more }),
    );

  describe('CopyObject', () => {
    claim('copies bytes and description', async () => {
      const [from, to] = [`${newKey()} ä`, newKey()];
      const { ETag } = await put(from, BODY, { ContentType: 'image/png', Metadata: { a: '1' } });
      expect((await copy(from, to)).CopyObjectResult?.ETag).toBe(ETag);
      expect(await bytesOf(to)).toEqual(BODY);
      expect(await head(to)).toMatchObject({ ContentType: 'image/png', Metadata: { a: '1' } });
    });

    claim('describes anew when it is told to', async () => {
      const [from, to] = [newKey(), newKey()];
      await put(from, BODY, { ContentType: 'image/png', Metadata: { a: '1' } });
      await copy(from, to, { MetadataDirective: 'REPLACE', ContentType: 'text/plain', Metadata: { b: '2' } });
      expect(await head(to)).toMatchObject({ ContentType: 'text/plain', Metadata: { b: '2' } });
    });

    claim('copies the version it is told to', async () => {
      const [from, to] = [newKey(), newKey()];
      const { VersionId } = await put(from, 'one');
      await put(from, 'two');
      await copy(from, to, { CopySource: `${target().bucket}/${from}?versionId=${VersionId}` });
      expect((await bytesOf(to)).toString()).toBe('one');
    });

    claim('makes one piece of a multipart object', async () => {
      const to = newKey();
      const { key, part, complete } = await begin();
      await part(1, FIRST);
      await part(2, LAST);
      await complete([
        { PartNumber: 1, ETag: FIRST_ETAG },
        { PartNumber: 2, ETag: LAST_ETAG },
      ]);
      const { CopyObjectResult } = await copy(key, to);
      expect(CopyObjectResult?.ETag).not.toBe(BOTH_ETAG);
      expect((await bytesOf(to)).equals(Buffer.concat([FIRST, LAST]))).toBe(true);
    });

    claim('looks at its source first', async () => {
      const [from, to] = [newKey(), newKey()];
      const { ETag } = await put(from);
      expect(await outcome(copy(from, to, { CopySourceIfMatch: '"0"' }))).toBe('412 PreconditionFailed');
      expect(await outcome(copy(from, to, { CopySourceIfNoneMatch: ETag }))).toBe('412 PreconditionFailed');
      expect(await outcome(copy(newKey(), to))).toBe('404 NoSuchKey');
      await absent(to);
    });

    claim('onto itself has to change something', async () => {
      const key = newKey();
      await put(key);
      expect(await outcome(copy(key, key))).toBe('400 InvalidRequest');
    });
  });

  describe('DeleteObjects', () => {
    claim('deletes each by itself, keys with markers and versions for good', async () => {
      const [one, two, three] = [newKey(), `${newKey()} & <ä>`, newKey()];
      await put(one);
      await put(two);
      const { VersionId } = await put(three);
      const Objects = [{ Key: one }, { Key: two }, { Key: three, VersionId }, { Key: newKey() }];
      const answer = await client().send(new DeleteObjectsCommand({ Bucket: target().bucket, Delete: { Objects } }));
      expect(answer.Errors ?? []).toEqual([]);
      expect(answer.Deleted?.map(({ Key }) => Key)).toEqual(Objects.map(({ Key }) => Key));
      expect(answer.Deleted?.[0]).toMatchObject({ DeleteMarker: true });
      expect(answer.Deleted?.[2]).toMatchObject({ VersionId });
      for (const key of [one, two, three]) await absent(key);
    });

    claim('tells only of what failed when it is to be quiet', async () => {
      const key = newKey();
      await put(key);
      const Delete = { Objects: [{ Key: key }], Quiet: true };
      const answer = await client().send(new DeleteObjectsCommand({ Bucket: target().bucket, Delete }));
      expect(answer.Deleted ?? []).toEqual([]);
      await absent(key);
    });
  });

  describe('tags', () => {
    const TagSet = [
      { Key: 'a', Value: '1' },
      { Key: 'b c', Value: '' },
    ];
    const tagsOf = async (key: string) =>
      (await client().send(new GetObjectTaggingCommand(object(key)))).TagSet?.toSorted((a, b) =>
        String(a.Key) < String(b.Key) ? -1 : 1,
      );

    claim('are put with an object, counted and given back', async () => {
      const key = newKey();
      await put(key, BODY, { Tagging: 'a=1&b%20c=' });
      expect(await tagsOf(key)).toEqual(TagSet);
      expect((await head(key)).TagCount ?? 2).toBe(2);
    });

    claim('are replaced and removed', async () => {
      const key = newKey();
      await put(key, BODY, { Tagging: 'x=y' });
      await client().send(new PutObjectTaggingCommand({ ...object(key), Tagging: { TagSet } }));
      expect(await tagsOf(key)).toEqual(TagSet);
      await client().send(new DeleteObjectTaggingCommand(object(key)));
      expect(await tagsOf(key)).toEqual([]);
    });

    claim('come with a multipart upload and with a copy', async () => {
      const { key, part, complete } = await begin({ Tagging: 'a=1&b%20c=' });
      await part(1, LAST);
      await complete([{ PartNumber: 1, ETag: LAST_ETAG }]);
      expect(await tagsOf(key)).toEqual(TagSet);
      const to = newKey();
      await copy(key, to);
      expect(await tagsOf(to)).toEqual(TagSet);
    });

    claim('of more than ten, or twice the same, are refused', async () => {
      const key = newKey();
      await put(key);
      const put11 = Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
      const tag = (set: typeof TagSet) =>
        outcome(client().send(new PutObjectTaggingCommand({ ...object(key), Tagging: { TagSet: set } })));
      expect(await tag(put11)).toBe('400 BadRequest');
      expect(await tag([...TagSet, ...TagSet])).toBe('400 InvalidTag');
      expect(await tagsOf(key)).toEqual([]);
    });
  });

  describe('GetObjectAttributes', () => {
    claim('tells what is asked and nothing else', async () => {
      const key = newKey();
      await put(key, '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
      const answer = await client().send(
        new GetObjectAttributesCommand({ ...object(key), ObjectAttributes: ['ObjectSize', 'Checksum'] }),
      );
      expect(answer).toMatchObject({
        ObjectSize: 9,
        Checksum: { ChecksumCRC64NVME: 'rosUhgp5mIg=', ChecksumType: 'FULL_OBJECT' },
      });
      expect([answer.ETag, answer.StorageClass, answer.ObjectParts]).toEqual([undefined, undefined, undefined]);
    });

    claim('of what is not there is 404', async () => {
      const command = new GetObjectAttributesCommand({ ...object(newKey()), ObjectAttributes: ['ETag'] });
      expect(await outcome(client().send(command))).toBe('404 NoSuchKey');
    });
  });

  describe('encryption', () => {
    claim('with S3’s keys is confirmed wherever it was asked', async () => {
      const key = newKey();
      expect(await put(key, BODY, { ServerSideEncryption: 'AES256' })).toMatchObject({
        ServerSideEncryption: 'AES256',
      });
      expect(await head(key)).toMatchObject({ ServerSideEncryption: 'AES256' });
    });
  });
}
