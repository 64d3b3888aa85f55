import { beforeEach, describe, expect, it } from 'vitest';
import type { StoredRecord } from '../record/record.ts';
import { transition } from '../record/transition.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine } from '../testing/expect-problem.ts';
import type { TestUpload } from '../testing/subjects.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;
const options = () => ({ signal: AbortSignal.timeout(1_000) });

let world: ApiWorld;
let upload: TestUpload;

beforeEach(() => {
  world = createApiWorld();
  upload = world.grant({ kind: 'multipart', partSize: PART, size: PART + MIB });
  world.objects.open(upload, 'A');
  world.objects.putPart('A', 1, PART);
  world.objects.putPart('A', 2, MIB);
});

const ask = (method: string, rest: string, how: object = {}) =>
  world.ask(method, `/v1/uploads/${upload.subject.id}${rest}`, how);
const abort = (how: object = {}) => ask('POST', '/abort', how);
const line = async (response: Response): Promise<string> =>
  response.status < 400 ? String(response.status) : problemLine(response);
const recordNow = (): Promise<StoredRecord | null> => world.store.get(world.owner, upload.subject.id, options());

const lease = async (at: string, until: string): Promise<void> => {
  const taken = { type: 'leaseTaken', of: upload.subject, at, token: 'other', until, uploadId: 'A' } as const;
  const { record } = transition(null, taken);
  if (record !== null) await world.store.put(record, options());
};

describe('abort of parts', () => {
  it('ends the upload and frees its parts, after HEAD and record', async () => {
    expect((await abort()).status).toBe(204);
    expect(world.objects.calls).toEqual(['head latest', 'uploads', 'abort A', 'head latest']);
    expect(await recordNow()).toMatchObject({ state: 'ABORTED' });
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
    expect(await problemLine(await ask('POST', '/finalize'))).toBe('410 upload_aborted');
  });

  it('is 204 the second time, and frees what came to light since', async () => {
    await abort();
    world.objects.open(upload, 'late');
    expect((await abort()).status).toBe(204);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('frees every open upload of the key', async () => {
    world.objects.open(upload, 'B');
    expect((await abort()).status).toBe(204);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('of an object that nobody heard of is 409 already_complete and harms nothing', async () => {
    await world.objects.completeNow(upload.subject, 'A');
    expect(await problemLine(await abort())).toBe('409 already_complete');
    expect(world.objects.calls).not.toContain('abort A');
    expect(world.objects.versions(upload.subject)).toEqual(['m1']);
    expect((await ask('POST', '/finalize')).status).toBe(200);
    expect(await problemLine(await abort())).toBe('409 already_complete');
  });

  it('waits for whoever completes it: 503 with Retry-After, and no part is touched', async () => {
    await lease('2026-11-20T23:59:59.000Z', '2026-11-21T00:00:09.000Z');
    const response = await abort();
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
    expect(world.objects.openUploads(upload.subject)).toEqual(['A']);
    world.clock.now += 10_000;
    expect((await abort()).status).toBe(204);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('removes what a Complete still makes whose lease had run out', async () => {
    await lease('2026-11-20T23:00:00.000Z', '2026-11-20T23:00:10.000Z');
    const { objects, store } = world;
    const slow = {
      ...objects.parts,
      abort: async () => objects.completeNow(upload.subject, 'A'),
    };
    world = createApiWorld({ parts: slow }, { objects, store });
    expect((await abort()).status).toBe(204);
    expect(await recordNow()).toMatchObject({ state: 'ABORTED' });
    expect(objects.versions(upload.subject)).toEqual([]);
    expect(await problemLine(await ask('POST', '/finalize'))).toBe('410 upload_aborted');
  });

  it('is 503 while S3 does not free the parts, and does so when asked again', async () => {
    const { objects, store } = world;
    const abortParts = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' }));
    world = createApiWorld({ parts: { ...objects.parts, abort: abortParts } }, { objects, store });
    expect(await problemLine(await abort())).toBe('503 upstream_unavailable');
    world = createApiWorld({}, { objects, store });
    expect((await abort()).status).toBe(204);
    expect(objects.openUploads(upload.subject)).toEqual([]);
  });

  it('of an expired upload is 204, leaves the record, and frees the parts', async () => {
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
    world.clock.now = Date.parse('2026-11-28T00:00:00.000Z');
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    expect((await abort({ token })).status).toBe(204);
    expect(await recordNow()).toMatchObject({ state: 'CREATED' });
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });
});

describe('abort at the end of an upload’s life', () => {
  it('still waits for whoever completes it', async () => {
    await lease('2026-11-20T12:00:00.000Z', '2026-11-27T12:00:20.000Z');
    world.clock.now = Date.parse('2026-11-27T12:00:10.000Z');
    const token = world.tokenWith({ iat: world.clock.now / 1_000 - 1, exp: world.clock.now / 1_000 + 60 });
    expect(await problemLine(await abort({ token }))).toBe('503 upstream_unavailable');
    expect(world.objects.openUploads(upload.subject)).toEqual(['A']);
    world.clock.now += 10_001;
    expect((await abort({ token })).status).toBe(204);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });
});

describe('DELETE of parts', () => {
  it('of an unfinished upload aborts it', async () => {
    expect((await ask('DELETE', '')).status).toBe(204);
    expect((await ask('DELETE', '')).status).toBe(204);
    expect(await recordNow()).toMatchObject({ state: 'ABORTED' });
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('of a finished upload keeps its bytes', async () => {
    await ask('POST', '/finalize');
    expect((await ask('DELETE', '')).status).toBe(204);
    expect(await recordNow()).toMatchObject({ state: 'DELETED' });
    expect(world.objects.versions(upload.subject)).toEqual(['m1']);
  });
});

describe('abort and finalize at once', () => {
  it('end in one of the two, whole', async () => {
    for (let round = 0; round < 40; round += 1) {
      world = createApiWorld();
      upload = world.grant({ kind: 'multipart', partSize: PART, size: PART + MIB, seed: `race ${round}` });
      world.objects.open(upload, 'A');
      world.objects.putPart('A', 1, PART);
      world.objects.putPart('A', 2, MIB);
      // The abort begins a few turns of the event loop later in each round.
      const late = async () => {
        for (let turn = 0; turn < round; turn += 1) await Promise.resolve();
        return line(await abort());
      };
      const [finalized, aborted] = await Promise.all([ask('POST', '/finalize').then(line), late()]);
      const record = await recordNow();
      const versions = world.objects.versions(upload.subject);
      if (record?.state === 'UPLOADED') {
        expect([finalized, versions]).toEqual(['200', ['m1']]);
        expect(['409 already_complete', '503 upstream_unavailable']).toContain(aborted);
      } else {
        expect([record?.state, finalized, aborted, versions]).toEqual(['ABORTED', '410 upload_aborted', '204', []]);
      }
      expect(world.objects.openUploads(upload.subject)).toEqual([]);
    }
  });
});
