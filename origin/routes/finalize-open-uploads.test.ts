import { beforeEach, describe, expect, it } from 'vitest';
import { transition } from '../record/transition.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { createPartsScene, options } from '../testing/parts-scene.ts';

const scene = createPartsScene();
const { send, finalize, rewire, stateNow } = scene;

describe('two open uploads of one key', () => {
  beforeEach(() => {
    scene.world.objects.open(scene.upload, 'B', Date.parse(scene.upload.createdAt) + 10);
  });

  it.each(['A', 'B'])('of which %s is whole: that one is completed and the other ends', async (whole) => {
    send(whole);
    send(whole === 'A' ? 'B' : 'A', [1]);
    expect((await finalize()).status).toBe(200);
    expect(scene.world.objects.openUploads(scene.upload.subject)).toEqual([]);
  });

  it('both whole: the one the client names wins', async () => {
    send('A');
    send('B', [1, 2, 3], 'b');
    expect((await finalize({ uploadId: 'B' })).status).toBe(200);
    expect(scene.world.objects.calls).toContain('complete B');
    expect(scene.world.objects.openUploads(scene.upload.subject)).toEqual([]);
  });

  it('both whole: the one whose parts the client describes wins', async () => {
    send('A');
    send('B', [1, 2, 3], 'b');
    const path = `/v1/uploads/${scene.upload.subject.id}/parts?uploadId=B`;
    const { parts } = (await (await scene.world.ask('GET', path)).json()) as {
      parts: { number: number; etag: string }[];
    };
    expect((await finalize({ parts: parts.map(({ number, etag }) => ({ number, etag })) })).status).toBe(200);
    expect(scene.world.objects.calls).toContain('complete B');
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
    scene.world.objects.open(scene.upload, 'late');
    send('late');
    expect(await (await finalize({ uploadId: 'late' })).json()).toMatchObject({ state: 'UPLOADED', versionId: 'm1' });
    expect(scene.world.objects.openUploads(scene.upload.subject)).toEqual([]);
  });

  it('that cannot be ended at this moment does not keep the finished one from being finished', async () => {
    send('A');
    rewire({ abort: () => Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' })) });
    expect((await finalize()).status).toBe(200);
    expect(scene.world.lines.map(({ message }) => message)).toContain('an open upload of a finished key was not ended');
  });
});

describe('an upload that S3 has not open', () => {
  it('and of which nothing was ever completed is 409 upload_ended', async () => {
    scene.world.objects.parts.abort(scene.upload.subject, 'A', options());
    expect(await problemLine(await finalize())).toBe('409 upload_ended');
  });

  it('but whose object is there is success, whoever completed it', async () => {
    send();
    await scene.world.objects.completeNow(scene.upload.subject, 'A');
    expect(await (await finalize({ uploadId: 'A' })).json()).toMatchObject({ state: 'UPLOADED' });
  });

  it('and for which a Complete was sent lately is a retryable 503, later 409 upload_ended', async () => {
    const at = '2026-11-20T23:59:00.000Z';
    const leased = transition(null, {
      type: 'leaseTaken',
      of: scene.upload.subject,
      at,
      token: 'dead',
      until: '2026-11-20T23:59:10.000Z',
      uploadId: 'A',
    }).record;
    if (leased !== null) await scene.world.store.put(leased, options());
    scene.world.objects.parts.abort(scene.upload.subject, 'A', options());
    expect(await problemLine(await finalize())).toBe('503 upstream_unavailable');
    expect(await stateNow()).toBe('CREATED');
    scene.world.clock.now += 20 * 60_000;
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
        of: scene.upload.subject,
        at: scene.upload.createdAt,
        grant: scene.upload.grant,
        creator: { tenant: 't1', subject: 'user' },
        createdAt: scene.upload.createdAt,
        uploadId: 'A',
      }).record;
      if (created !== null) await scene.world.store.put(created, options());
    }
    scene.world.clock.now = Date.parse('2026-11-27T12:00:00.001Z');
    const token = scene.world.tokenWith({
      iat: scene.world.clock.now / 1_000 - 1,
      exp: scene.world.clock.now / 1_000 + 60,
    });
    expect(await problemLine(await finalize(undefined, { token }))).toBe('410 upload_expired');
    expect(scene.world.objects.versions(scene.upload.subject)).toEqual([]);
  });
});
