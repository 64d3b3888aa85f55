import { describe, expect, it } from 'vitest';
import type { PartStore } from '../objects/part-store.ts';
import { problemLine } from '../testing/expect-problem.ts';
import { createPartsScene } from '../testing/parts-scene.ts';

const scene = createPartsScene();
const { send, finalize, rewire, stateNow } = scene;

describe('what S3 answers to Complete', () => {
  type Complete = PartStore['complete'];
  const completing = (change: (real: Complete) => Complete): void =>
    rewire({ complete: change(scene.world.objects.parts.complete) });
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
      scene.world.objects.put(scene.upload.subject, { ...scene.upload.head, versionId: 'first' });
      return 'unsure';
    });
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', versionId: 'first' });
    expect(scene.world.objects.openUploads(scene.upload.subject)).toEqual([]);
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
      expect(await response.json()).toMatchObject({ id: scene.upload.subject.id, state: 'COMPLETING' });
      expect(scene.world.handedOn).toMatchObject([
        { uploadId: 'A', crc64nvme: 'AAAAAAAAAAA=', finalizer: { tenant: 't1', subject: 'user' }, token: 'token 1' },
      ]);
      expect(scene.world.store.all()).toMatchObject([{ state: 'COMPLETING', uploadId, lease: { token: 'token 1' } }]);
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
    expect(scene.world.handedOn).toHaveLength(1);
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
    await scene.world.objects.completeNow(scene.upload.subject, 'A');
    expect((await finalize()).status).toBe(200);
  });

  it('is taken over when the lease has run out', async () => {
    send();
    rewire({ complete: never });
    expect((await finalize(undefined, BUDGET)).status).toBe(202);
    rewire({}, { newToken: () => 'heir' });
    scene.world.clock.now += 10_001;
    expect((await finalize()).status).toBe(200);
  });
});
