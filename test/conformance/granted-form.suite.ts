import { createHash } from 'node:crypto';
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { FORM_LIES, postOf } from '../support/form-lies.ts';
import { codeIn, send } from '../support/wire.ts';
import { formFor } from './granted-form.fixture.ts';
import type { GrantOptions } from './granted-put.fixture.ts';
import type { Judge, OwnCodes } from './judge.fixture.ts';

const BODY = Buffer.from('another S3 is the judge');
const SHA256 = createHash('sha256').update(BODY).digest('hex');

/** The forms the gate grants, judged by an S3 that shares no code with the signer. */
export const grantedFormSuite = (name: string, judge: () => Judge, ownCodes: OwnCodes = {}): void => {
  let nonce = 0;
  /** A form of its own key. */
  const freshForm = (options: Partial<GrantOptions> = {}) => {
    nonce += 1;
    const { bucket, signer } = judge();
    return formFor({
      ...signer,
      bucket,
      now: Date.now(),
      size: BODY.length,
      sha256: SHA256,
      nonce,
      ...options,
    });
  };

  const stored = async (): Promise<number> => {
    const { client, bucket } = judge();
    return (await client.send(new ListObjectsV2Command({ Bucket: bucket }))).KeyCount ?? 0;
  };

  describe(name, () => {
    it.each<[string, Buffer, Partial<GrantOptions>]>([
      ['with a checksum', BODY, {}],
      ['without a checksum', BODY, { sha256: null }],
      ['of no bytes', Buffer.alloc(0), { size: 0, sha256: null }],
      ['with a long name and metadata', BODY, { name: '😀'.repeat(100), metadata: { m: 'é'.repeat(300) } }],
      ['with a dollar sign in its type', BODY, { type: 'text/x.$a; x="b"' }],
    ])('stores a granted form %s, with what was granted', async (_, file, options) => {
      const { url, fields } = freshForm(options);
      expect(await send(postOf({ url, fields, file }))).toMatchObject({ status: 201 });
      const { client, bucket } = judge();
      const object = { Bucket: bucket, Key: fields['key'] };
      const head = await client.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
      expect(head).toMatchObject({
        ContentLength: file.length,
        ContentType: fields['Content-Type'],
        Metadata: { nearput: fields['x-amz-meta-nearput'] },
      });
      expect(head.ChecksumSHA256).toBe(fields['x-amz-checksum-sha256']);
      const { Body } = await client.send(new GetObjectCommand(object));
      expect(Buffer.from((await Body?.transformToByteArray()) ?? [])).toEqual(file);
    });

    it.each(FORM_LIES)('refuses a granted form with %s as %s, and stores nothing', async (lie, code, tell) => {
      const before = await stored();
      const answer = await send(postOf(tell({ ...freshForm(), file: BODY })));
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(codeIn(answer)).toBe(ownCodes[lie] ?? code);
      expect(await stored()).toBe(before);
    });

    it('refuses a granted form after its end', async () => {
      const { url, fields } = freshForm({ now: Date.now() - 301_000 });
      expect(await send(postOf({ url, fields, file: BODY }))).toMatchObject({ status: 403 });
    });

    it('refuses a granted form at another bucket', async () => {
      const { client, bucket } = judge();
      await client.send(new CreateBucketCommand({ Bucket: 'other-bucket' }));
      const { url, fields } = freshForm();
      const { status } = await send(postOf({ url: url.replace(bucket, 'other-bucket'), fields, file: BODY }));
      expect(status).toBe(403);
    });
  });
};
