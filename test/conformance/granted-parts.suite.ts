import { createHash, randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { PartGrant } from '../../core/contract/records.ts';
import type { ChecksumMode } from '../../core/contract/states.ts';
import { BARE_PART_LIES, PART_LIES, partRequest } from '../support/part-lies.ts';
import { codeIn, send } from '../support/wire.ts';
import { newMultipart } from './granted-parts.fixture.ts';
import type { Judge, OwnCodes } from './judge.fixture.ts';

const MIB = 1_048_576;
const BYTES = randomBytes(5 * MIB + 7);
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The uploads in parts that the gate starts and signs, judged by an S3 that shares no code with the signer. */
export const grantedPartsSuite = (name: string, judge: () => Judge, ownCodes: OwnCodes = {}): void => {
  const upload = (checksumMode: ChecksumMode, size = BYTES.length) =>
    newMultipart(judge().signer, { size, partSize: 5 * MIB, checksumMode });

  /** Completes an upload with what S3 itself says of its parts. */
  const complete = async (Key: string, UploadId: string): Promise<void> => {
    const { client, bucket } = judge();
    const upload = { Bucket: bucket, Key, UploadId };
    const { Parts } = await client.send(new ListPartsCommand(upload));
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  };

  describe(name, () => {
    it.each(['none', 'sha256'] as const)('makes an object of granted parts with checksums %s', async (mode) => {
      const { key, start, grant } = upload(mode);
      const uploadId = await start();
      const bodies = [BYTES.subarray(0, 5 * MIB), BYTES.subarray(5 * MIB)];
      const wanted = bodies.map((body, index) => ({
        number: index + 1,
        ...(mode === 'sha256' ? { sha256: sha256(body) } : {}),
      }));
      for (const [index, part] of grant(uploadId, wanted).entries()) {
        const answer = await send(partRequest(part, bodies[index] ?? Buffer.alloc(0)));
        expect(answer.status, answer.body.toString()).toBe(200);
      }
      await complete(key, uploadId);
      const { client, bucket } = judge();
      const object = { Bucket: bucket, Key: key };
      const head = await client.send(new HeadObjectCommand({ ...object, ChecksumMode: 'ENABLED' }));
      expect(head).toMatchObject({
        ContentLength: BYTES.length,
        ContentType: 'application/octet-stream',
        ChecksumType: mode === 'none' ? 'FULL_OBJECT' : 'COMPOSITE',
      });
      expect(Object.keys(head.Metadata ?? {})).toEqual(['nearput']);
      if (mode === 'sha256') {
        const whole = createHash('sha256');
        for (const body of bodies) whole.update(createHash('sha256').update(body).digest());
        expect(head.ChecksumSHA256).toBe(`${whole.digest('base64')}-2`);
      } else {
        expect(head.ChecksumCRC64NVME).toMatch(/^[A-Za-z0-9+/]{11}=$/);
      }
      const { Body } = await client.send(new GetObjectCommand(object));
      expect(BYTES.equals(Buffer.from((await Body?.transformToByteArray()) ?? []))).toBe(true);
    });

    it('makes an empty object of one empty part', async () => {
      const { key, start, grant } = upload('none', 0);
      const uploadId = await start();
      const [part] = grant(uploadId, [{ number: 1 }]);
      if (part === undefined) throw new Error('no part was granted');
      const answer = await send(partRequest(part, Buffer.alloc(0)));
      expect(answer.status, answer.body.toString()).toBe(200);
      await complete(key, uploadId);
      const { client, bucket } = judge();
      expect(await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).toMatchObject({
        ContentLength: 0,
      });
    });

    it('finds what is open of a key, and nothing of another', async () => {
      const [one, other] = [upload('none'), upload('sha256')];
      expect(await one.find()).toBeUndefined();
      const uploadId = await one.start();
      expect(await one.find()).toMatchObject({ uploadId });
      expect(Math.abs(((await one.find())?.startedAt ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(await other.find()).toBeUndefined();
    });

    describe('refuses a granted part', () => {
      const body = BYTES.subarray(0, 22);
      const prepare = async (mode: ChecksumMode = 'sha256') => {
        const { key, start, grant } = upload(mode, body.length);
        const uploadId = await start();
        const { client, bucket } = judge();
        const held = async () =>
          (await client.send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId }))).Parts ?? [];
        /** Part 1 of this upload, or as if it belonged to another one. */
        const granted = (of = uploadId, now = Date.now()): PartGrant => {
          const [part] = grant(of, [{ number: 1, ...(mode === 'sha256' ? { sha256: sha256(body) } : {}) }], now);
          if (part === undefined) throw new Error('no part was granted');
          return part;
        };
        return { granted, held };
      };

      describe.each([
        ['that declares its checksum', 'sha256', PART_LIES],
        ['that declares none', 'none', BARE_PART_LIES],
      ] as const)('%s', (_, mode, lies) => {
        it.each(lies)('with %s as %s, and keeps nothing', async (lie, code, tell) => {
          const { granted, held } = await prepare(mode);
          const other = await upload(mode, body.length).start();
          const answer = await send(tell(partRequest(granted(), body), other));
          expect(codeIn(answer)).toBe(ownCodes[lie] ?? code);
          expect(await held()).toEqual([]);
        });
      });

      it("signed for another key's upload", async () => {
        const { granted, held } = await prepare();
        const other = await upload('sha256', body.length).start();
        const answer = await send(partRequest(granted(other), body));
        expect([answer.status, codeIn(answer)]).toEqual([404, 'NoSuchUpload']);
        expect(await held()).toEqual([]);
      });

      it('after its end', async () => {
        const { granted, held } = await prepare();
        const late = granted(undefined, Date.now() - 901_000);
        expect(await send(partRequest(late, body))).toMatchObject({ status: 403 });
        expect(await held()).toEqual([]);
      });
    });
  });
};
