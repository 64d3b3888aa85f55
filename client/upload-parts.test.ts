import { describe, expect, it } from 'vitest';
import { ContentError, StorageError } from './errors.ts';
import type { UploadProgress } from './progress.ts';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud } from './testing/fake-cloud.ts';
import { problem, s3Error } from './testing/fake-upload.ts';

const parts = { method: 'multipart' } as const;
const sizeOf = (puts: readonly { bytes: Buffer }[]) => puts.reduce((sum, { bytes }) => sum + bytes.length, 0);

describe('an upload in parts', () => {
  it('brings every byte once and finalizes with the CRC64NVME of the whole, read once', async () => {
    const cloud = createFakeCloud();
    const source = bytesSource(someBytes(95));
    const record = await clientOf(cloud).client.upload(source, parts);
    expect(record).toMatchObject({ id: 'euw1_1', state: 'UPLOADED', size: 95 });
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(95));
    expect(cloud.puts.map(({ bytes }) => bytes.length).toSorted()).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
    expect(source.reads()).toBe(95);
    expect(cloud.routes()).toEqual(['create', 'finalize']);
    expect(cloud.calls[1]?.body).toEqual({
      uploadId: 'mpu-euw1_1',
      checksum: { crc64nvme: record.checksums['crc64nvme'] },
    });
  });

  it.each([0, 1, 9, 10, 11, 20])('of %i bytes is cut as planned', async (size) => {
    const cloud = createFakeCloud();
    await clientOf(cloud).client.upload(bytesSource(someBytes(size)), parts);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(size));
    expect(cloud.puts).toHaveLength(Math.max(1, Math.ceil(size / 10)));
  });

  it.each([
    [1, 1],
    [4, 4],
    [undefined, 4],
    [50, 20],
  ])('with concurrency %s runs %i requests at once', async (concurrency, most) => {
    const cloud = createFakeCloud({ fault: () => new Promise((resolve) => setTimeout(resolve, 2)) });
    const options = concurrency === undefined ? parts : { ...parts, concurrency };
    await clientOf(cloud).client.upload(bytesSource(someBytes(200)), options);
    expect(cloud.mostRunning()).toBe(most);
  });

  it('fetches part URLs in pages of at most 200, only when it needs them', async () => {
    const cloud = createFakeCloud();
    await clientOf(cloud).client.upload(bytesSource(someBytes(4_500)), parts);
    const pages = cloud.calls.filter(({ route }) => route === 'parts').map(({ body }) => body as { numbers: number[] });
    expect(pages.map(({ numbers }) => numbers.length)).toEqual([200, 50]);
    expect(pages.map(({ numbers }) => numbers[0])).toEqual([201, 401]);
    expect(cloud.puts).toHaveLength(450);
  });

  it('signs expired URLs again for the parts that are missing, and sends no other part twice', async () => {
    const cloud = createFakeCloud({
      fault: ({ number }) => {
        if (number === 3 && cloud.routes().length === 1) cloud.expireUrls();
        return undefined;
      },
    });
    await clientOf(cloud).client.upload(bytesSource(someBytes(100)), { ...parts, concurrency: 1 });
    const signed = cloud.calls.filter(({ route }) => route === 'parts').map(({ body }) => body);
    expect(signed).toEqual([{ uploadId: 'mpu-euw1_1', numbers: [4, 5, 6, 7, 8, 9, 10] }]);
    expect(cloud.puts).toHaveLength(10);
  });

  it('refuses a plan that does not make the file', async () => {
    const cloud = createFakeCloud({
      answer: (route) =>
        route === 'create'
          ? {
              status: 201,
              headers: {},
              body: JSON.stringify({
                id: 'x',
                kind: 'multipart',
                multipart: { partSize: 10, partCount: 2, parts: [] },
              }),
            }
          : undefined,
    });
    await expect(clientOf(cloud).client.upload(bytesSource(someBytes(30)), parts)).rejects.toBeInstanceOf(ContentError);
    expect(cloud.puts).toEqual([]);
  });

  it('adds up real progress over all parts, and takes back what must be sent again', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, before }) => (number === 2 && before === 0 ? s3Error(500, 'InternalError') : undefined),
    });
    const seen: UploadProgress[] = [];
    await clientOf(cloud).client.upload(bytesSource(someBytes(35)), {
      ...parts,
      concurrency: 1,
      onProgress: (progress) => seen.push(progress),
    });
    expect(seen.map(({ sent }) => sent)).toEqual([
      ...[4, 8, 10, 10], // part 1
      ...[14, 18, 20, 10], // part 2 fails
      ...[14, 18, 20, 20],
      ...[24, 28, 30, 30],
      ...[34, 35, 35],
    ]);
    expect(seen.at(-1)).toEqual({ sent: 35, size: 35, resumed: 0, attempt: 2 });
  });

  it('stops all other parts when one fails for good', async () => {
    const cloud = createFakeCloud({
      fault: ({ number }) => (number === 1 ? s3Error(403, 'AccessDenied', 'Access Denied') : undefined),
    });
    const upload = clientOf(cloud).client.upload(bytesSource(someBytes(1_000)), parts);
    await expect(upload).rejects.toBeInstanceOf(StorageError);
    expect(cloud.puts.length).toBeLessThan(10);
    expect(cloud.routes()).not.toContain('finalize');
  });
});

describe('SHA-256 of parts', () => {
  const hashed = { method: 'multipart', partChecksum: 'sha256' } as const;

  it('is declared when the part is signed, computed once, and proven by the composite of the record', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, before }) => (number === 2 && before === 0 ? s3Error(503, 'SlowDown') : undefined),
    });
    const record = await clientOf(cloud).client.upload(bytesSource(someBytes(35)), hashed);
    const signed = cloud.calls.filter(({ route }) => route === 'parts').map(({ body }) => body);
    expect(signed).toMatchObject([
      { numbers: [1, 2, 3, 4], sha256: [{}, {}, {}, {}].map(() => expect.stringMatching(/^[0-9a-f]{64}$/)) },
    ]);
    expect(record.checksums['sha256']).toMatch(/-4$/);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(35));
    expect(cloud.calls.at(-1)?.body).toMatchObject({
      parts: [{ number: 1 }, { number: 2 }, { number: 3 }, { number: 4 }],
    });
    expect(cloud.calls.at(-1)?.body).not.toHaveProperty('checksum');
  });

  it('that S3 finds broken on the way is sent again', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, before, bytes }) =>
        number === 1 && before === 0 ? Buffer.from(bytes.map((b) => b ^ 1)) : undefined,
    });
    await clientOf(cloud).client.upload(bytesSource(someBytes(20)), hashed);
    expect(cloud.puts.filter(({ number }) => number === 1)).toHaveLength(2);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(20));
  });

  it('signs small pages, because every part of a page is read first', async () => {
    const cloud = createFakeCloud();
    await clientOf(cloud).client.upload(bytesSource(someBytes(100)), { ...hashed, concurrency: 2 });
    const signed = cloud.calls
      .filter(({ route }) => route === 'parts')
      .map(({ body }) => body as { numbers: number[] });
    for (const { numbers } of signed) expect(numbers.length).toBeLessThanOrEqual(2);
  });
});

describe('the check at the end', () => {
  it('sends again the one part that was hurt on the way, where the platform has MD5', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, before, bytes }) =>
        number === 2 && before === 0 ? Buffer.from(bytes.map((b) => b ^ 1)) : undefined,
    });
    await clientOf(cloud).client.upload(bytesSource(someBytes(40)), parts);
    expect(cloud.puts.filter(({ before }) => before > 0).map(({ number }) => number)).toEqual([2]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(40));
    expect(sizeOf(cloud.puts)).toBe(50);
  });

  it('without MD5 says that the content differs, and the upload stays open', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, bytes }) => (number === 2 ? Buffer.from(bytes.map((b) => b ^ 1)) : undefined),
    });
    const { client } = clientOf(cloud, { hashes: { sha256: async () => '' } });
    await expect(client.upload(bytesSource(someBytes(40)), parts)).rejects.toMatchObject({ code: 'content_mismatch' });
    expect(cloud.uploads.get('euw1_1')?.state).toBe('open');
  });

  it('says that the content differs also when the upload is open no more', async () => {
    const refusals = { finalize: 'content_mismatch', list: 'already_complete' } as const;
    const cloud = createFakeCloud({
      answer: (route) => (route === 'finalize' || route === 'list' ? problem(refusals[route]) : undefined),
    });
    const upload = clientOf(cloud).client.upload(bytesSource(someBytes(40)), parts);
    await expect(upload).rejects.toMatchObject({ code: 'content_mismatch' });
    expect(cloud.puts).toHaveLength(4);
  });

  it('sends what finalize finds missing', async () => {
    let dropped = false;
    const cloud = createFakeCloud({
      answer: (route) => {
        if (route === 'finalize' && !dropped) {
          dropped = true;
          cloud.uploads.get('euw1_1')?.parts.delete(3);
        }
        return undefined;
      },
    });
    await clientOf(cloud).client.upload(bytesSource(someBytes(40)), parts);
    expect(cloud.puts.filter(({ before }) => before > 0).map(({ number }) => number)).toEqual([3]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(40));
  });

  it.each([
    ['checksum', { size: 40, checksums: { crc64nvme: 'AAAAAAAAAAE=' } }],
    ['size', { size: 39, checksums: {} }],
  ])('believes no record whose %s is not what was read', async (_, facts) => {
    const cloud = createFakeCloud({
      answer: (route) =>
        route === 'finalize'
          ? { status: 200, headers: {}, body: JSON.stringify({ id: 'x', state: 'UPLOADED', ...facts }) }
          : undefined,
    });
    await expect(clientOf(cloud).client.upload(bytesSource(someBytes(40)), parts)).rejects.toBeInstanceOf(ContentError);
  });
});
