import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { grantUpload, type TestUpload, type UploadWish } from '../testing/subjects.ts';
import type { HeldPart, PartStore } from './part-store.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;

/** SHA-256 of one byte `a` in base64. */
const SHA_BYTE = 'ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs=';

/** A part store with a bucket behind it, and what a gate and a client do there. */
export type OpenedParts = {
  readonly parts: PartStore;
  /** Starts an upload as the gate does; gives S3's id. */
  start(upload: TestUpload): Promise<string>;
  /** Sends a part of `size` bytes, all of them `content`. */
  send(upload: TestUpload, uploadId: string, number: number, size: number, content?: string): Promise<void>;
  /** Version of the object, if there is one. */
  version(upload: TestUpload): Promise<string | null>;
  /** CRC-64/NVME of one byte `a`, in base64, as this store knows it. */
  readonly crcOfByte: string;
  close(): Promise<void>;
};

const options = () => ({ signal: AbortSignal.timeout(10_000) });

/** What every part store promises. */
export const describePartStore = (name: string, open: () => Promise<OpenedParts>): void => {
  describe(`${name} as a part store`, () => {
    let opened: OpenedParts;
    let parts: PartStore;
    let upload: TestUpload;
    let seeds = 0;

    const grant = (wish: UploadWish = {}): TestUpload => {
      seeds += 1;
      return grantUpload({
        kind: 'multipart',
        partSize: PART,
        size: PART + 1,
        seed: `${name} ${seeds}`,
        createdAt: new Date().toISOString(),
        ...wish,
      });
    };
    const held = async (uploadId: string): Promise<readonly HeldPart[]> =>
      (await parts.listParts(upload.subject, uploadId, 0, options()))?.parts ?? [];
    const complete = async (uploadId: string, list?: readonly HeldPart[], crc64nvme: string | null = null) =>
      parts.complete(upload.subject, { uploadId, parts: list ?? (await held(uploadId)), crc64nvme }, options());
    const sendBoth = async (uploadId: string): Promise<void> => {
      await opened.send(upload, uploadId, 2, 1);
      await opened.send(upload, uploadId, 1, PART);
    };

    beforeAll(async () => {
      opened = await open();
      parts = opened.parts;
    });
    afterAll(() => opened.close());
    beforeEach(() => {
      upload = grant();
    });

    it('lists the open uploads of exactly one key, the one started first at the front', async () => {
      expect(await parts.listUploads(upload.subject, options())).toEqual([]);
      const first = await opened.start(upload);
      await new Promise((resolve) => setTimeout(resolve, 1_100));
      const second = await opened.start(upload);
      await opened.start(grant());
      const found = await parts.listUploads(upload.subject, options());
      expect(found.map(({ uploadId }) => uploadId)).toEqual([first, second]);
      for (const { startedMs } of found) expect(Math.abs(startedMs - Date.now())).toBeLessThan(60_000);
    });

    it('lists parts by number, after a number, with size and ETag', async () => {
      const uploadId = await opened.start(upload);
      expect(await parts.listParts(upload.subject, uploadId, 0, options())).toEqual({ parts: [], next: null });
      await sendBoth(uploadId);
      const page = await parts.listParts(upload.subject, uploadId, 0, options());
      expect(page).toEqual({
        parts: [
          expect.objectContaining({ number: 1, size: PART, etag: expect.stringMatching(/^".+"$/), sha256: null }),
          expect.objectContaining({ number: 2, size: 1, etag: expect.stringMatching(/^".+"$/), sha256: null }),
        ],
        next: null,
      });
      const later = await parts.listParts(upload.subject, uploadId, 1, options());
      expect(later?.parts.map(({ number }) => number)).toEqual([2]);
    });

    it('shows the SHA-256 of each part that had to carry one', async () => {
      upload = grant({ checksumMode: 'sha256', size: 1 });
      const uploadId = await opened.start(upload);
      await opened.send(upload, uploadId, 1, 1);
      expect(await held(uploadId)).toMatchObject([{ sha256: SHA_BYTE }]);
      expect(await complete(uploadId)).toBe('done');
    });

    it('completes once; a repeat is done or unsure, and makes no second object', async () => {
      const uploadId = await opened.start(upload);
      await sendBoth(uploadId);
      const list = await held(uploadId);
      expect(await complete(uploadId, list)).toBe('done');
      const version = await opened.version(upload);
      expect(version).not.toBeNull();
      expect(['done', 'unsure']).toContain(await complete(uploadId, list));
      expect(await opened.version(upload)).toBe(version);
      expect(await parts.listUploads(upload.subject, options())).toEqual([]);
      expect(await parts.listParts(upload.subject, uploadId, 0, options())).toBeNull();
    });

    it('never completes over an object', async () => {
      const [winner, loser] = [await opened.start(upload), await opened.start(upload)];
      await sendBoth(winner);
      await sendBoth(loser);
      expect(await complete(winner)).toBe('done');
      const version = await opened.version(upload);
      expect(await complete(loser)).toBe('unsure');
      expect(await opened.version(upload)).toBe(version);
    });

    it('says when a part is another one by now, and leaves the upload open', async () => {
      const uploadId = await opened.start(upload);
      await sendBoth(uploadId);
      const list = await held(uploadId);
      await opened.send(upload, uploadId, 2, 1, 'b');
      expect(await complete(uploadId, list)).toBe('parts_changed');
      expect(await opened.version(upload)).toBeNull();
      expect(await complete(uploadId)).toBe('done');
    });

    it('compares what is said of the whole content before there is an object', async () => {
      upload = grant({ size: 1 });
      const uploadId = await opened.start(upload);
      await opened.send(upload, uploadId, 1, 1);
      expect(await complete(uploadId, undefined, 'AAAAAAAAAAE=')).toBe('checksum_differs');
      expect(await opened.version(upload)).toBeNull();
      expect(await complete(uploadId, undefined, opened.crcOfByte)).toBe('done');
    });

    it('is unsure about an upload that is not open, and about a foreign one', async () => {
      const uploadId = await opened.start(upload);
      await sendBoth(uploadId);
      const list = await held(uploadId);
      await parts.abort(upload.subject, uploadId, options());
      expect(await complete(uploadId, list)).toBe('unsure');
      const other = grant();
      const foreign = await opened.start(other);
      expect(await parts.listParts(upload.subject, foreign, 0, options())).toBeNull();
      await parts.abort(upload.subject, foreign, options());
      expect(await parts.listUploads(other.subject, options())).toHaveLength(1);
    });

    it('aborts, also what is not open, and never harms an object', async () => {
      const uploadId = await opened.start(upload);
      await sendBoth(uploadId);
      await complete(uploadId);
      const version = await opened.version(upload);
      await parts.abort(upload.subject, uploadId, options());
      expect(await opened.version(upload)).toBe(version);
      const second = await opened.start(upload);
      await parts.abort(upload.subject, second, options());
      await parts.abort(upload.subject, second, options());
      expect(await parts.listUploads(upload.subject, options())).toEqual([]);
    });

    it('ends when its signal does', async () => {
      const signal = AbortSignal.abort();
      await expect(parts.listUploads(upload.subject, { signal })).rejects.toThrow();
    });
  });
};
