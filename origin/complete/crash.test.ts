import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import type { CrashPoint } from '../testing/crash.ts';
import { type CrashWorld, createCrashWorld, type Operation } from '../testing/crash-world.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;

type Prepare = Parameters<typeof createCrashWorld>[1];

const parts: Prepare = (objects, upload) => {
  objects.open(upload, 'A');
  objects.putPart('A', 1, PART);
  objects.putPart('A', 2, MIB);
};

/** Two creates met; the client used the second. */
const twoUploads: Prepare = (objects, upload) => {
  objects.open(upload, 'A');
  objects.open(upload, 'B', Date.parse(upload.createdAt) + 10);
  objects.putPart('B', 1, PART);
  objects.putPart('B', 2, MIB);
};

const bytes: Prepare = (objects, upload) => objects.put(upload.subject, upload.head);
const nothing: Prepare = () => undefined;

/** A form that was sent again before anybody heard of the first. */
const twice: Prepare = (objects, upload) => {
  objects.put(upload.subject, upload.head);
  objects.put(upload.subject, { ...upload.head, versionId: 'v2' });
};

const MULTIPART = { kind: 'multipart', partSize: PART, size: PART + MIB } as const;

/** A world in which something was done before, without any trouble. */
const after = async (world: CrashWorld, operation: Operation): Promise<CrashWorld> => {
  expect((await world.run(operation)).line).toMatch(/^2/);
  return world;
};

const SCENES = {
  put: () => createCrashWorld({}, bytes),
  form: () => createCrashWorld({ kind: 'form' }, bytes),
  'put without bytes': () => createCrashWorld({}, nothing),
  'form without bytes': () => createCrashWorld({ kind: 'form' }, nothing),
  'form sent twice': () => createCrashWorld({ kind: 'form' }, twice),
  'finished put': () => after(createCrashWorld({}, bytes), 'finalize'),
  'finished multipart': () => after(createCrashWorld(MULTIPART, parts), 'finalize'),
  'deleted multipart': async () => after(await after(createCrashWorld(MULTIPART, parts), 'finalize'), 'delete'),
  multipart: () => createCrashWorld(MULTIPART, parts),
  'multipart of SHA-256': () => createCrashWorld({ ...MULTIPART, checksumMode: 'sha256' }, parts),
  'two multiparts': () => createCrashWorld(MULTIPART, twoUploads),
  'multipart without parts': () => createCrashWorld(MULTIPART, (objects, upload) => objects.open(upload, 'A')),
} as const;
type Scene = keyof typeof SCENES;

/** What holds whenever nobody works on the upload: it is one of the two, whole, and nothing lies about. */
const checkWhole = async ({ record, objects, upload }: CrashWorld): Promise<void> => {
  const stored = await record();
  const versions = objects.versions(upload.subject);
  const states = stored !== null && 'history' in stored ? stored.history.map(({ state }) => state) : [];
  for (const once of ['UPLOADED', 'ABORTED', 'DELETED']) {
    expect(states.filter((state) => state === once).length).toBeLessThanOrEqual(1);
  }
  if (stored?.state === 'UPLOADED' || stored?.state === 'DELETED' || stored?.state === 'RECEIVED') {
    expect(versions).toEqual([stored.pin.versionId]);
    // One that is only received is not over yet: finalize ends what else is open.
    if (stored.state !== 'RECEIVED') expect(objects.openUploads(upload.subject)).toEqual([]);
  }
  if (stored?.state === 'ABORTED') {
    expect(versions).toEqual([]);
    expect(objects.openUploads(upload.subject)).toEqual([]);
  }
};

/** How many calls an operation makes when nothing happens to it. */
const callsOf = async (scene: Scene, operation: Operation): Promise<number> =>
  (await (await SCENES[scene]()).run(operation)).calls;

const pointsOf = (calls: number): CrashPoint[] =>
  Array.from({ length: calls }, (_, at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const]).flat();

/** Each first operation dies at every point there is; then the second is repeated until it is answered. */
const STORIES: readonly (readonly [Scene, Operation, Operation, string])[] = [
  ['put', 'finalize', 'finalize', '200'],
  ['form', 'finalize', 'finalize', '200'],
  ['multipart', 'finalize', 'finalize', '200'],
  ['multipart', 'work', 'work', 'done'],
  ['multipart', 'work', 'finalize', '200'],
  ['multipart', 'finalize', 'work', 'done'],
  ['multipart of SHA-256', 'finalize', 'finalize', '200'],
  ['two multiparts', 'finalize', 'finalize', '200'],
  ['two multiparts', 'abort', 'abort', '204'],
  ['put without bytes', 'abort', 'abort', '204'],
  ['put without bytes', 'delete', 'delete', '204'],
  ['put', 'abort', 'abort', '409 already_complete'],
  ['put', 'delete', 'delete', '204'],
  ['multipart', 'abort', 'abort', '204'],
  ['multipart', 'delete', 'delete', '204'],
  ['form without bytes', 'finalize', 'finalize', '409 bytes_missing'],
  ['form without bytes', 'abort', 'abort', '204'],
  ['form without bytes', 'delete', 'delete', '204'],
  ['form', 'abort', 'abort', '409 already_complete'],
  ['form', 'delete', 'delete', '204'],
  ['put', 'event', 'event', 'done'],
  ['put', 'event', 'finalize', '200'],
  ['put', 'finalize', 'event', 'done'],
  ['form sent twice', 'event', 'event', 'done'],
  ['finished put', 'delete', 'delete', '204'],
  ['finished put', 'abort', 'abort', '409 already_complete'],
  ['finished put', 'finalize', 'finalize', '200'],
  ['finished multipart', 'delete', 'delete', '204'],
  ['finished multipart', 'abort', 'abort', '409 already_complete'],
  ['finished multipart', 'work', 'work', 'done'],
  ['deleted multipart', 'abort', 'abort', '204'],
  ['multipart of SHA-256', 'abort', 'abort', '204'],
  ['multipart of SHA-256', 'work', 'work', 'done'],
  ['two multiparts', 'work', 'work', 'done'],
  ['two multiparts', 'delete', 'delete', '204'],
  ['multipart without parts', 'delete', 'delete', '204'],
  ['multipart without parts', 'finalize', 'finalize', '409 parts_missing'],
  ['multipart without parts', 'abort', 'abort', '204'],
];

describe('a process that dies before or after any of its calls', () => {
  it.each(STORIES)('(%s) %s, then %s: %s', async (scene, first, second, answer) => {
    const calls = await callsOf(scene, first);
    expect(calls).toBeGreaterThan(0);
    for (const point of pointsOf(calls)) {
      const world = await SCENES[scene]();
      expect((await world.run(first, point)).line, JSON.stringify(point)).toBe('died');
      expect(await world.repeat(second), JSON.stringify(point)).toBe(answer);
      // The same answer again, however often.
      expect(await world.repeat(second), JSON.stringify(point)).toBe(answer);
      await checkWhole(world);
    }
  });

  it.each([
    ['put', 'finalize', 'abort'],
    ['put', 'finalize', 'delete'],
    ['multipart', 'finalize', 'abort'],
    ['multipart', 'finalize', 'delete'],
    ['multipart', 'work', 'abort'],
    ['multipart', 'abort', 'finalize'],
    ['multipart', 'delete', 'finalize'],
    ['two multiparts', 'abort', 'finalize'],
    ['two multiparts', 'finalize', 'abort'],
    ['two multiparts', 'finalize', 'delete'],
  ] as const)('(%s) %s, and the client goes on with %s: one of the two, whole', async (scene, first, second) => {
    for (const point of pointsOf(await callsOf(scene, first))) {
      const world = await SCENES[scene]();
      await world.run(first, point);
      const answer = await world.repeat(second);
      const state = (await world.record())?.state;
      // An abort that died before it was recorded has changed nothing yet; asked again it settles.
      const expected: Readonly<Record<string, readonly string[]>> = {
        finalize: ['200 UPLOADED', '410 upload_aborted ABORTED'],
        abort: ['204 ABORTED', '409 already_complete UPLOADED', '409 already_complete RECEIVED'],
        delete: ['204 ABORTED', '204 DELETED'],
      };
      expect(expected[second], JSON.stringify(point)).toContain(`${answer} ${state}`);
      if (state === 'ABORTED') await world.repeat('abort');
      await checkWhole(world);
    }
  });
});

const anyPoint = fc.option(
  fc.record({ at: fc.nat({ max: 12 }), when: fc.constantFrom('before', 'after') as fc.Arbitrary<CrashPoint['when']> }),
);
const anyRun = fc.record({
  operation: fc.constantFrom('finalize', 'abort', 'work', 'finalize', 'delete') as fc.Arbitrary<Operation>,
  point: anyPoint,
  waitMs: fc.constantFrom(0, 0, 500, 11_000, 80_000),
});

describe('any number of processes, at once and one after the other, that die anywhere', () => {
  it('leave an upload that one more call settles', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('put', 'multipart', 'multipart of SHA-256', 'two multiparts') as fc.Arbitrary<Scene>,
        fc.array(fc.array(anyRun, { minLength: 1, maxLength: 4 }), { maxLength: 4 }),
        fc.constantFrom('finalize', 'abort', 'delete') as fc.Arbitrary<Operation>,
        async (scene, rounds, last) => {
          const world = await SCENES[scene]();
          for (const round of rounds) {
            await Promise.all(round.map(({ operation, point }) => world.run(operation, point)));
            world.clock.now += Math.max(...round.map(({ waitMs }) => waitMs));
          }
          const answer = await world.repeat(last);
          const state = (await world.record())?.state ?? 'none';
          expect(answer).not.toMatch(/^5|not settled/);
          expect(['UPLOADED', 'ABORTED', 'DELETED', 'RECEIVED']).toContain(state);
          if (state === 'ABORTED') await world.repeat('abort');
          await checkWhole(world);
        },
      ),
      { numRuns: budgetRuns(60) },
    );
  });
});
