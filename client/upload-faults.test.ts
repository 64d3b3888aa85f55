import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../test/support/budget.ts';
import { ConnectionError } from './errors.ts';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud, type Fault } from './testing/fake-cloud.ts';
import { s3Error } from './testing/fake-upload.ts';

const BYTES = someBytes(100);
const parts = { method: 'multipart' } as const;

describe('a part', () => {
  it.each<[string, Fault]>([
    ['500 InternalError', s3Error(500, 'InternalError')],
    ['503 SlowDown', s3Error(503, 'SlowDown')],
    ['503 ServiceUnavailable', s3Error(503, 'ServiceUnavailable')],
    ['400 RequestTimeout', s3Error(400, 'RequestTimeout')],
    ['400 IncompleteBody', s3Error(400, 'IncompleteBody')],
    ['400 BadDigest', s3Error(400, 'BadDigest')],
    ['403 for an expired URL', s3Error(403, 'AccessDenied', 'Request has expired')],
    ['400 ExpiredToken', s3Error(400, 'ExpiredToken')],
    ['a reset', new ConnectionError('reset', 'gone')],
    ['a timeout', new ConnectionError('timeout', 'slow')],
    ['an answer that was lost', 'lost'],
  ])('is sent again after %s, and no other part is', async (_, fault) => {
    const cloud = createFakeCloud({
      fault: ({ number, before }) => (number === 4 && before === 0 ? fault : undefined),
    });
    await clientOf(cloud).client.upload(bytesSource(BYTES), parts);
    expect(cloud.puts.filter(({ before }) => before > 0).map(({ number }) => number)).toEqual([4]);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
  });

  it.each<[string, Fault]>([
    ['403 AccessDenied', s3Error(403, 'AccessDenied', 'Access Denied')],
    ['403 SignatureDoesNotMatch', s3Error(403, 'SignatureDoesNotMatch')],
    ['400 EntityTooSmall', s3Error(400, 'EntityTooSmall')],
    ['404 NoSuchBucket', s3Error(404, 'NoSuchBucket')],
  ])('is not sent again after %s', async (_, fault) => {
    const cloud = createFakeCloud({ fault: ({ number }) => (number === 4 ? fault : undefined) });
    await expect(clientOf(cloud).client.upload(bytesSource(BYTES), parts)).rejects.toThrow();
    expect(cloud.puts.filter(({ number }) => number === 4)).toHaveLength(1);
  });

  it('is sent among fewer at once while S3 asks for less, so that few are sent twice', async () => {
    let running = 0;
    const cloud = createFakeCloud({
      fault: async () => {
        running++;
        await new Promise((resolve) => setTimeout(resolve, 1));
        const tooMany = running > 2;
        running--;
        return tooMany ? s3Error(503, 'SlowDown') : undefined;
      },
    });
    // With eight at once all the time, four repetitions would not do for a part.
    await clientOf(cloud).client.upload(bytesSource(someBytes(1_000)), { ...parts, concurrency: 8 });
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(someBytes(1_000));
    expect(cloud.puts.length).toBeLessThan(200);
  });

  it('is given up after the repetitions that were allowed', async () => {
    const cloud = createFakeCloud({
      fault: ({ number }) => (number === 4 ? s3Error(500, 'InternalError') : undefined),
    });
    await expect(clientOf(cloud, { retries: 2 }).client.upload(bytesSource(BYTES), parts)).rejects.toMatchObject({
      code: 'InternalError',
    });
    expect(cloud.puts.filter(({ number }) => number === 4)).toHaveLength(3);
  });

  it('waits for a line that is gone, far beyond the repetitions, when others were stored', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, before }) =>
        number === 10 && before < 6 ? new ConnectionError('connect', 'no line') : undefined,
    });
    const { client } = clientOf(cloud, { retries: 1, patienceMs: 60_000 });
    await client.upload(bytesSource(BYTES), parts);
    expect(cloud.puts.filter(({ number }) => number === 10)).toHaveLength(7);
  });

  it('is not waited for longer than the patience', async () => {
    const cloud = createFakeCloud({
      fault: ({ number }) => (number === 10 ? new ConnectionError('connect', 'no line') : undefined),
    });
    let clock = 0;
    const { client } = clientOf(cloud, { retries: 1, patienceMs: 3_000, now: () => (clock += 1_000) });
    await expect(client.upload(bytesSource(BYTES), parts)).rejects.toBeInstanceOf(ConnectionError);
    expect(cloud.puts.filter(({ number }) => number === 10).length).toBeGreaterThan(2);
  });

  it('of an upload that S3 has no longer open is settled by finalize', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, id }) => {
        const upload = cloud.uploads.get(id);
        if (number !== 10 || upload === undefined) return undefined;
        upload.state = 'UPLOADED';
        upload.parts.set(10, BYTES.subarray(90));
        upload.object = BYTES;
        return s3Error(404, 'NoSuchUpload');
      },
    });
    await expect(
      clientOf(cloud).client.upload(bytesSource(BYTES), { ...parts, concurrency: 1 }),
    ).resolves.toMatchObject({
      state: 'UPLOADED',
    });
  });

  it('of an upload that somebody aborted ends it', async () => {
    const cloud = createFakeCloud({
      fault: ({ number, id }) => {
        const upload = cloud.uploads.get(id);
        if (number === 5 && id === 'euw1_1' && upload !== undefined) upload.state = 'ABORTED';
        return undefined;
      },
    });
    const { client } = clientOf(cloud);
    await expect(client.upload(bytesSource(BYTES), parts)).rejects.toMatchObject({ code: 'upload_aborted' });
    await expect(client.upload(bytesSource(BYTES), parts)).resolves.toMatchObject({ id: 'euw1_2' });
  });
});

describe('whatever fails and however often the process dies', () => {
  const outcome = fc.constantFrom<Exclude<Fault, undefined | Buffer> | 'good' | 'crash' | 'expire' | 'flip'>(
    'good',
    'good',
    'good',
    'lost',
    'crash',
    'expire',
    'flip',
    s3Error(500, 'InternalError'),
    s3Error(503, 'SlowDown'),
    new ConnectionError('reset', 'gone'),
  );

  it('the object is the file, and what S3 had at a crash is never sent again', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        fc.array(outcome, { maxLength: 60 }),
        async (size, concurrency, hashed, script) => {
          const bytes = someBytes(size);
          const queue = [...script];
          const died = new Error('the process died');
          let stop = new AbortController();
          const cloud = createFakeCloud({
            fault: ({ bytes: sent }) => {
              const step = queue.shift() ?? 'good';
              if (step === 'good') return undefined;
              if (step === 'flip') return sent.length === 0 ? undefined : Buffer.from(sent.map((byte) => byte ^ 1));
              if (step === 'expire') {
                cloud.expireUrls();
                return undefined;
              }
              if (step !== 'crash') return step;
              stop.abort(died);
              return died;
            },
          });
          const { client } = clientOf(cloud, { retries: 100 });
          const how = { ...parts, concurrency, ...(hashed ? ({ partChecksum: 'sha256' } as const) : {}) };
          for (;;) {
            stop = new AbortController();
            const had = new Set(
              [...cloud.uploads.values()].flatMap(({ id, parts }) => [...parts.keys()].map((n) => `${id}/${n}`)),
            );
            const from = cloud.puts.length;
            const end = await client.upload(bytesSource(bytes), { ...how, signal: stop.signal }).then(
              () => 'done',
              (error: unknown) => error,
            );
            // Parts that finalize found hurt are sent again on purpose; only those may repeat.
            const hurt = script.includes('flip');
            if (!hurt)
              expect(cloud.puts.slice(from).filter(({ id, number }) => had.has(`${id}/${number}`))).toEqual([]);
            if (end === 'done') break;
            expect(end).toBe(died);
          }
          const done = [...cloud.uploads.values()].filter(({ state }) => state === 'UPLOADED');
          expect(done).toHaveLength(1);
          expect(done[0]?.object?.equals(bytes)).toBe(true);
        },
      ),
      { numRuns: budgetRuns(60) },
    );
  });
});
