import { beforeEach, describe, expect, it } from 'vitest';
import type { PartStore } from '../objects/part-store.ts';
import { transition } from '../record/transition.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import type { TestUpload, UploadWish } from '../testing/subjects.ts';
import type { RouteDeps } from './call.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;
const options = () => ({ signal: AbortSignal.timeout(1_000) });

let world: ApiWorld;
let upload: TestUpload;

/** Three parts of 5, 5 and 1 MiB. */
const granted = (wish: UploadWish = {}): TestUpload =>
  world.grant({ kind: 'multipart', partSize: PART, size: 2 * PART + MIB, ...wish });

const send = (uploadId = 'A', numbers: readonly number[] = [1, 2, 3], content = 'a') => {
  for (const number of numbers) world.objects.putPart(uploadId, number, number === 3 ? MIB : PART, content);
};

beforeEach(() => {
  world = createApiWorld();
  upload = granted();
  world.objects.open(upload, 'A');
});

const finalize = (json?: unknown, how: object = {}) =>
  world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, json === undefined ? how : { json, ...how });

/** The same data behind an API whose S3 behaves otherwise. */
const rewire = (change: Partial<PartStore> = {}, deps: Partial<RouteDeps> = {}): void => {
  const { objects, store } = world;
  world = createApiWorld({ parts: { ...objects.parts, ...change }, ...deps }, { objects, store });
};

const stateNow = async (): Promise<string> =>
  (await world.store.get(world.owner, upload.subject.id, options()))?.state ?? 'none';

describe('finalize of parts', () => {
  it('completes, proves and records, and needs nothing from anybody', async () => {
    send();
    const response = await finalize();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      id: upload.subject.id,
      kind: 'multipart',
      state: 'UPLOADED',
      size: 2 * PART + MIB,
      checksums: { crc64nvme: 'AAAAAAAAAAA=' },
      versionId: 'm1',
      name: 'photo.png',
      tenant: 't1',
      subject: 'user',
      createdAt: '2026-11-20T12:00:00.000Z',
    });
    expect(world.objects.calls).toEqual(['uploads', 'parts A 0', 'complete A', 'head latest']);
    expect(world.handedOn).toEqual([]);
  });

  it('answers the same a second and a hundredth time, from the record alone', async () => {
    send();
    const first = await (await finalize()).text();
    world.objects.calls.length = 0;
    world.clock.now += 60_000;
    for (let time = 0; time < 100; time += 1) expect(await (await finalize()).text()).toBe(first);
    expect(world.objects.calls).toEqual([]);
  });

  it('answers twenty calls at once alike, with one Complete and one transition', async () => {
    send();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await finalize()).text()));
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('"UPLOADED"');
    expect(world.objects.calls.filter((call) => call.startsWith('complete'))).toHaveLength(1);
    expect(world.store.all()).toMatchObject([{ history: [{ state: 'COMPLETING' }, { state: 'UPLOADED' }] }]);
  });

  it('lists ten thousand parts, page by page, and completes them in order', async () => {
    upload = granted({ size: 10_000 * PART, seed: 'ten thousand' });
    world.objects.open(upload, 'T');
    for (let number = 10_000; number > 0; number -= 1) world.objects.putPart('T', number, PART);
    expect((await finalize()).status).toBe(200);
    const pages = world.objects.calls.filter((call) => call.startsWith('parts T'));
    expect(pages).toEqual(Array.from({ length: 10 }, (_, index) => `parts T ${index * 1_000}`));
  });

  it('takes an upload of no bytes in its one part', async () => {
    upload = granted({ size: 0, seed: 'empty' });
    world.objects.open(upload, 'E');
    world.objects.putPart('E', 1, 0);
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', size: 0 });
  });

  it('records the composite of the parts where each carries its SHA-256', async () => {
    upload = granted({ checksumMode: 'sha256', seed: 'composite' });
    world.objects.open(upload, 'C');
    send('C');
    const { checksums } = (await (await finalize()).json()) as { checksums: Record<string, string> };
    expect(checksums['sha256']).toMatch(/^[A-Za-z0-9+/]{43}=-3$/);
  });

  it('rejects an object without the kind of checksum that was planned', async () => {
    upload = granted({ checksumMode: 'sha256', seed: 'other mode' });
    world.objects.put(upload.subject, upload.head);
    expect(await problemLine(await finalize())).toBe('422 upload_rejected');
    expect(world.store.all()).toMatchObject([{ state: 'REJECTED', rejected: { code: 'checksum' } }]);
  });
});

describe('parts that are not the plan', () => {
  it('are 409 parts_missing with the numbers; nothing is written and the upload stays open', async () => {
    send('A', [2]);
    const problem = await readProblem(await finalize());
    expect(`${problem.status} ${problem.code}`).toBe('409 parts_missing');
    expect(problem.detail).toMatch(/^Parts 1, 3 /);
    expect(problem.errors).toEqual([
      { path: '/parts/1', message: 'is missing' },
      { path: '/parts/3', message: 'is missing' },
    ]);
    expect(world.store.all()).toEqual([]);
    send('A', [1, 3]);
    expect((await finalize()).status).toBe(200);
  });

  it.each([
    ['too large', 3, MIB + 1],
    ['too small', 2, PART - 1],
    ['beyond the plan', 4, 1],
  ])('%s are 409 part_mismatch with the number; the upload stays open', async (_name, number, size) => {
    send();
    world.objects.putPart('A', number, size);
    const problem = await readProblem(await finalize());
    expect(`${problem.status} ${problem.code}`).toBe('409 part_mismatch');
    expect(problem.detail).toMatch(new RegExp(`^Part ${number} `));
    expect(problem.errors?.map(({ path }) => path)).toEqual([`/parts/${number}`]);
    expect(world.store.all()).toEqual([]);
    expect(world.objects.openUploads(upload.subject)).toEqual(['A']);
  });

  it('beyond a plan of exactly one page are found', async () => {
    upload = granted({ size: 1_000 * PART, seed: 'one page' });
    world.objects.open(upload, 'P');
    for (let number = 1; number <= 1_001; number += 1) world.objects.putPart('P', number, PART);
    const problem = await readProblem(await finalize());
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['part_mismatch', '/parts/1001']);
  });

  it('are told to twenty calls at once alike', async () => {
    send('A', [1, 2]);
    const lines = await Promise.all(Array.from({ length: 20 }, async () => problemLine(await finalize())));
    expect(new Set(lines)).toEqual(new Set(['409 parts_missing']));
    expect(world.store.all()).toEqual([]);
  });

  it('are named in short: nobody reads ten thousand lines', async () => {
    upload = granted({ size: 10_000 * PART, seed: 'all missing' });
    world.objects.open(upload, 'M');
    const problem = await readProblem(await finalize());
    expect(problem.detail).toMatch(/^Parts 1-10000 /);
    expect(problem.errors).toHaveLength(1_000);
  });

  it('of a part sent again between list and Complete are looked at anew', async () => {
    send();
    const { complete } = world.objects.parts;
    let again = true;
    rewire({
      complete: async (...call) => {
        if (again) world.objects.putPart('A', 2, PART, 'sent again');
        again = false;
        return complete(...call);
      },
    });
    expect((await finalize()).status).toBe(200);
  });
});

describe("a client's claims of parts", () => {
  it('are compared, with or without quotes around an ETag', async () => {
    send('A', [1, 2, 3]);
    const { parts } = (await (await world.ask('GET', `/v1/uploads/${upload.subject.id}/parts`)).json()) as {
      parts: { number: number; etag: string; size: number }[];
    };
    const claims = parts.map(({ number, etag, size }) => ({
      number,
      size,
      etag: etag.replaceAll('"', '').toUpperCase(),
    }));
    expect((await finalize({ uploadId: 'A', parts: claims })).status).toBe(200);
  });

  it.each([
    ['another ETag', { number: 2, etag: '"0123456789abcdef0123456789abcdef"' }],
    ['another size', { number: 2, size: PART - 1 }],
    ['a number S3 has nothing of', { number: 4 }],
  ])('that say %s are 409 part_mismatch naming the part; the upload stays open', async (_name, claim) => {
    send();
    const problem = await readProblem(await finalize({ parts: [{ number: 1, size: PART }, claim] }));
    expect(`${problem.status} ${problem.code}`).toBe('409 part_mismatch');
    expect(problem.errors?.map(({ path }) => path)).toEqual([`/parts/${claim.number}`]);
    expect(world.store.all()).toEqual([]);
    expect((await finalize()).status).toBe(200);
  });

  it('that name another SHA-256 of a part are 409, where parts carry one', async () => {
    upload = granted({ checksumMode: 'sha256', seed: 'sha claims' });
    world.objects.open(upload, 'S');
    send('S');
    const problem = await readProblem(await finalize({ parts: [{ number: 3, sha256: 'a'.repeat(64) }] }));
    expect([problem.code, problem.errors?.[0]?.path]).toEqual(['part_mismatch', '/parts/3']);
    // SHA-256 of `a`.
    const sha256 = 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
    expect((await finalize({ parts: [{ number: 3, sha256 }] })).status).toBe(200);
  });

  it('of the whole content are compared by S3 before there is an object; the upload stays open', async () => {
    send();
    const claims = { checksum: { crc64nvme: 'AAAAAAAAAAE=' } };
    expect(await problemLine(await finalize(claims))).toBe('409 content_mismatch');
    expect(world.objects.versions(upload.subject)).toEqual([]);
    expect(await stateNow()).toBe('CREATED');
    expect((await finalize({ checksum: { crc64nvme: 'AAAAAAAAAAA=' } })).status).toBe(200);
    expect(await problemLine(await finalize(claims))).toBe('409 content_mismatch');
  });

  it.each([
    ['/checksum/sha256', 'none', { checksum: { sha256: 'a'.repeat(64) } }],
    ['/parts/0/sha256', 'none', { parts: [{ number: 1, sha256: 'a'.repeat(64) }] }],
    ['/checksum/sha256', 'sha256', { checksum: { sha256: 'a'.repeat(64) } }],
    ['/checksum/crc64nvme', 'sha256', { checksum: { crc64nvme: 'AAAAAAAAAAA=' } }],
  ] as const)('that S3 holds no value for are 400 at %s (parts carry: %s)', async (path, checksumMode, json) => {
    upload = granted({ checksumMode, seed: `no value ${checksumMode}` });
    const problem = await readProblem(await finalize(json));
    expect(`${problem.status} ${problem.code}`).toBe('400 request_invalid');
    expect(problem.errors?.[0]?.path).toBe(path);
  });
});

describe('two open uploads of one key', () => {
  beforeEach(() => {
    world.objects.open(upload, 'B', Date.parse(upload.createdAt) + 10);
  });

  it.each(['A', 'B'])('of which %s is whole: that one is completed and the other ends', async (whole) => {
    send(whole);
    send(whole === 'A' ? 'B' : 'A', [1]);
    expect((await finalize()).status).toBe(200);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('both whole: the one the client names wins', async () => {
    send('A');
    send('B', [1, 2, 3], 'b');
    expect((await finalize({ uploadId: 'B' })).status).toBe(200);
    expect(world.objects.calls).toContain('complete B');
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('both whole: the one whose parts the client describes wins', async () => {
    send('A');
    send('B', [1, 2, 3], 'b');
    const path = `/v1/uploads/${upload.subject.id}/parts?uploadId=B`;
    const { parts } = (await (await world.ask('GET', path)).json()) as { parts: { number: number; etag: string }[] };
    expect((await finalize({ parts: parts.map(({ number, etag }) => ({ number, etag })) })).status).toBe(200);
    expect(world.objects.calls).toContain('complete B');
  });

  it('neither whole: the named one, else the fuller one, says what is missing', async () => {
    send('A', [1]);
    send('B', [1, 2]);
    expect((await readProblem(await finalize())).detail).toMatch(/^Part 3 /);
    expect((await readProblem(await finalize({ uploadId: 'A' }))).detail).toMatch(/^Parts 2-3 /);
  });

  it('and a client that names a third: 409 upload_ended, so that it asks for the open one', async () => {
    send('A', [1]);
    expect(await problemLine(await finalize({ uploadId: 'gone' }))).toBe('409 upload_ended');
    send('A');
    expect((await finalize({ uploadId: 'gone' })).status).toBe(200);
  });

  it('that comes to light after the other was completed is ended by its own finalize', async () => {
    send('A');
    await finalize();
    world.objects.open(upload, 'late');
    send('late');
    expect(await (await finalize({ uploadId: 'late' })).json()).toMatchObject({ state: 'UPLOADED', versionId: 'm1' });
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('that cannot be ended at this moment does not keep the finished one from being finished', async () => {
    send('A');
    rewire({ abort: () => Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' })) });
    expect((await finalize()).status).toBe(200);
    expect(world.lines.map(({ message }) => message)).toContain('an open upload of a finished key was not ended');
  });
});

describe('what S3 answers to Complete', () => {
  type Complete = PartStore['complete'];
  const completing = (change: (real: Complete) => Complete): void =>
    rewire({ complete: change(world.objects.parts.complete) });
  const fault = (name: string) => Object.assign(new Error(name), { name });

  it.each(['InternalError', 'SlowDown', 'TimeoutError'])(
    'an error %s after it has acted is success: HEAD shows our own grant',
    async (name) => {
      send();
      completing((real) => async (...call) => {
        await real(...call);
        throw fault(name);
      });
      expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', versionId: 'm1' });
    },
  );

  it('an error before it has acted is tried again', async () => {
    send();
    let failures = 2;
    completing((real) => async (...call) => {
      failures -= 1;
      if (failures >= 0) throw fault('InternalError');
      return real(...call);
    });
    expect((await finalize()).status).toBe(200);
  });

  it.each([
    ['InternalError', async () => Promise.reject(fault('InternalError'))],
    ['409, 412 or NoSuchUpload', async () => 'unsure' as const],
    ['200 without an object', async () => 'done' as const],
  ])('%s for ever, and no object, is a retryable 503; the upload is open again at once', async (_name, complete) => {
    send();
    completing(() => complete);
    const response = await finalize();
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
    expect(await stateNow()).toBe('CREATED');
    rewire();
    expect((await finalize()).status).toBe(200);
  });

  it('412 because the object is there is success', async () => {
    send();
    completing(() => async () => {
      world.objects.put(upload.subject, { ...upload.head, versionId: 'first' });
      return 'unsure';
    });
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', versionId: 'first' });
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('EntityTooSmall is 409 part_mismatch; the upload stays open', async () => {
    send();
    completing(() => async () => 'part_too_small');
    expect(await problemLine(await finalize())).toBe('409 part_mismatch');
    expect(await stateNow()).toBe('CREATED');
  });

  it('a fault of our own is 500, and no success', async () => {
    send();
    completing(() => () => Promise.reject(new TypeError('a mistake')));
    expect(await problemLine(await finalize())).toBe('500 internal');
  });
});

describe('an upload that S3 has not open', () => {
  it('and of which nothing was ever completed is 409 upload_ended', async () => {
    world.objects.parts.abort(upload.subject, 'A', options());
    expect(await problemLine(await finalize())).toBe('409 upload_ended');
  });

  it('but whose object is there is success, whoever completed it', async () => {
    send();
    await world.objects.completeNow(upload.subject, 'A');
    expect(await (await finalize({ uploadId: 'A' })).json()).toMatchObject({ state: 'UPLOADED' });
  });

  it('and for which a Complete was sent lately is a retryable 503, later 409 upload_ended', async () => {
    const at = '2026-11-20T23:59:00.000Z';
    const leased = transition(null, {
      type: 'leaseTaken',
      of: upload.subject,
      at,
      token: 'dead',
      until: '2026-11-20T23:59:10.000Z',
      uploadId: 'A',
    }).record;
    if (leased !== null) await world.store.put(leased, options());
    world.objects.parts.abort(upload.subject, 'A', options());
    expect(await problemLine(await finalize())).toBe('503 upstream_unavailable');
    expect(await stateNow()).toBe('CREATED');
    world.clock.now += 20 * 60_000;
    expect(await problemLine(await finalize())).toBe('409 upload_ended');
  });

  it.each([
    ['with its record', true],
    ['without one, by the time S3 started it', false],
  ])('after seven days is 410 upload_expired, %s', async (_name, recorded) => {
    send();
    if (recorded) {
      const created = transition(null, {
        type: 'created',
        of: upload.subject,
        at: upload.createdAt,
        grant: upload.grant,
        creator: { tenant: 't1', subject: 'user' },
        createdAt: upload.createdAt,
        uploadId: 'A',
      }).record;
      if (created !== null) await world.store.put(created, options());
    }
    world.clock.now = Date.parse('2026-11-27T12:00:00.001Z');
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    expect(await problemLine(await finalize(undefined, { token }))).toBe('410 upload_expired');
    expect(world.objects.versions(upload.subject)).toEqual([]);
  });
});

describe('finalize that takes too long', () => {
  const never = (): Promise<never> => new Promise(() => undefined);
  const BUDGET = { headers: { 'x-nearput-budget-ms': '500' } };

  it.each([
    ['completes', { complete: never }, 'A'],
    ['lists parts', { listParts: never }, null],
    ['lists uploads', { listUploads: never }, null],
  ] as const)(
    'because S3 %s for long is 202 COMPLETING in time, and the worker is told',
    async (_name, change, uploadId) => {
      send();
      rewire(change);
      const startedAt = performance.now();
      const response = await finalize({ uploadId: 'A', checksum: { crc64nvme: 'AAAAAAAAAAA=' } });
      expect(performance.now() - startedAt).toBeLessThan(1_500);
      expect([response.status, response.headers.get('retry-after')]).toEqual([202, '1']);
      expect(await response.json()).toMatchObject({ id: upload.subject.id, state: 'COMPLETING' });
      expect(world.handedOn).toMatchObject([
        { uploadId: 'A', crc64nvme: 'AAAAAAAAAAA=', finalizer: { tenant: 't1', subject: 'user' }, token: 'token 1' },
      ]);
      expect(world.store.all()).toMatchObject([{ state: 'COMPLETING', uploadId, lease: { token: 'token 1' } }]);
    },
  );

  it('works within what the gate says is left', async () => {
    send();
    rewire({ complete: never });
    const startedAt = performance.now();
    const response = await finalize(undefined, BUDGET);
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(response.status).toBe(202);
  });

  it('for a second caller is 202 too, but the work is handed on once', async () => {
    send();
    rewire({ complete: never });
    const answers = await Promise.all(Array.from({ length: 3 }, () => finalize(undefined, BUDGET)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
    expect(world.handedOn).toHaveLength(1);
  });

  it('is 503 when the queue does not take the work', async () => {
    send();
    const failing = () => Promise.reject(Object.assign(new Error('no'), { name: 'ServiceUnavailable' }));
    rewire({ complete: never }, { work: { send: failing } });
    expect(await problemLine(await finalize(undefined, BUDGET))).toBe('503 upstream_unavailable');
  });

  it('is 200 for whoever asks while the object appears, although the request that completes it is dead', async () => {
    send();
    rewire({ complete: never });
    expect((await finalize(undefined, BUDGET)).status).toBe(202);
    await world.objects.completeNow(upload.subject, 'A');
    expect((await finalize()).status).toBe(200);
  });

  it('is taken over when the lease has run out', async () => {
    send();
    rewire({ complete: never });
    expect((await finalize(undefined, BUDGET)).status).toBe(202);
    rewire({}, { newToken: () => 'heir' });
    world.clock.now += 10_001;
    expect((await finalize()).status).toBe(200);
  });
});
