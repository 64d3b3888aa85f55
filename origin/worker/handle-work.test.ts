import { beforeEach, describe, expect, it } from 'vitest';
import type { PartStore } from '../objects/part-store.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine } from '../testing/expect-problem.ts';
import type { TestUpload } from '../testing/subjects.ts';
import { createWorkHandler } from './handle-work.ts';
import { readWork, writeWork } from './work-message.ts';

const MIB = 1_048_576;
const PART = 5 * MIB;
const never = (): Promise<never> => new Promise(() => undefined);
const options = () => ({ signal: AbortSignal.timeout(1_000) });

let world: ApiWorld;
let upload: TestUpload;

const finalize = (how: object = {}) =>
  world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, {
    headers: { 'x-nearput-budget-ms': '400' },
    ...how,
  });

beforeEach(async () => {
  world = createApiWorld();
  upload = world.grant({ kind: 'multipart', partSize: PART, size: PART + MIB });
  world.objects.open(upload, 'A');
  world.objects.putPart('A', 1, PART);
  world.objects.putPart('A', 2, MIB);
});

/** Hands the upload on, as an API does whose S3 does not complete it, or list its parts, in time. */
const handOn = async (late: 'complete' | 'listParts' = 'complete', json: object = {}): Promise<string> => {
  const { objects, store } = world;
  const stuck = createApiWorld({ parts: { ...objects.parts, [late]: never } }, { objects, store });
  const { status } = await stuck.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, {
    headers: { 'x-nearput-budget-ms': '400' },
    json,
  });
  expect(status).toBe(202);
  const [work] = stuck.handedOn;
  if (work === undefined) throw new Error('nothing was handed on');
  return writeWork(work);
};

const worker = (parts: Partial<PartStore> = {}, totalMs = 5_000) =>
  createWorkHandler({
    store: world.store,
    objects: world.objects,
    parts: { ...world.objects.parts, ...parts },
    telemetry: SILENT,
    region: 'euw1',
    now: () => world.clock.now,
    monotonic: () => performance.now(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 50)),
    totalMs,
  });

const work = (body: string, handle = worker()) => handle({ Records: [{ messageId: 'm', body }] });
const DONE = { batchItemFailures: [] };
const AGAIN = { batchItemFailures: [{ itemIdentifier: 'm' }] };

describe('the worker', () => {
  it('finishes what a request handed on, with the lease of that request', async () => {
    const body = await handOn();
    expect(await work(body)).toEqual(DONE);
    expect(world.store.all()).toMatchObject([
      { state: 'UPLOADED', creator: { tenant: 't1', subject: 'user' }, history: [{}, {}, { state: 'UPLOADED' }] },
    ]);
    expect((await finalize()).status).toBe(200);
  });

  it('does nothing the second time', async () => {
    const body = await handOn();
    await work(body);
    const before = world.store.all();
    expect(await work(body)).toEqual(DONE);
    expect(world.store.all()).toEqual(before);
  });

  it('tries again while S3 fails, and sees what S3 has done nevertheless', async () => {
    const body = await handOn();
    let calls = 0;
    const complete: PartStore['complete'] = async (...call) => {
      calls += 1;
      if (calls < 5) throw Object.assign(new Error('no'), { name: 'InternalError' });
      await world.objects.parts.complete(...call);
      throw Object.assign(new Error('no'), { name: 'TimeoutError' });
    };
    expect(await work(body, worker({ complete }))).toEqual(DONE);
    expect(world.store.all()).toMatchObject([{ state: 'UPLOADED' }]);
  });

  it('gives the upload back when parts are missing by now', async () => {
    const body = await handOn();
    world.objects.parts.abort(upload.subject, 'A', options());
    world.objects.open(upload, 'B');
    expect(await work(body)).toEqual(DONE);
    expect(world.store.all()).toMatchObject([{ state: 'CREATED' }]);
    expect(await problemLine(await finalize())).toBe('409 parts_missing');
  });

  it.each(['complete', 'listParts'] as const)(
    'compares what the client said of the parts, whatever was late: %s',
    async (late) => {
      const parts = [{ number: 2, etag: 'b'.repeat(32) }];
      world.objects.putPart('A', 2, MIB, 'what the client means');
      const [, held] = (await world.objects.parts.listParts(upload.subject, 'A', 0, options()))?.parts ?? [];
      const body = await handOn(late, { parts: [{ number: 2, etag: held?.etag }] });
      world.objects.putPart('A', 2, MIB, 'an earlier try that came late');
      expect(await work(body)).toEqual(DONE);
      expect(world.store.all()).toMatchObject([{ state: 'CREATED' }]);
      expect(await problemLine(await finalize({ json: { parts } }))).toBe('409 part_mismatch');
      world.objects.putPart('A', 2, MIB, 'what the client means');
      expect(await work(body)).toEqual(DONE);
      expect(world.store.all()).toMatchObject([{ state: 'UPLOADED' }]);
    },
  );

  it('waits for another one that holds the lease, and takes over when that has run out', async () => {
    const body = await handOn();
    const other = body.replace('token 1', 'other');
    const waiting = work(other, worker({}, 2_000));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(world.store.all()).toMatchObject([{ state: 'COMPLETING', lease: { token: 'token 1' } }]);
    world.clock.now += 10_001;
    expect(await waiting).toEqual(DONE);
    expect(world.store.all()).toMatchObject([{ state: 'UPLOADED' }]);
  });

  it('lets the message come again when its time is over', async () => {
    const body = await handOn();
    expect(await work(body, worker({ complete: never }, 600))).toEqual(AGAIN);
    expect(world.store.all()).toMatchObject([{ state: 'COMPLETING' }]);
  });

  it('ends other open uploads of a finished key, and comes again when it could not', async () => {
    const body = await handOn();
    await work(body);
    world.objects.open(upload, 'B');
    const abort = () => Promise.reject(Object.assign(new Error('no'), { name: 'SlowDown' }));
    expect(await work(body, worker({ abort }))).toEqual(AGAIN);
    expect(await work(body)).toEqual(DONE);
    expect(world.objects.openUploads(upload.subject)).toEqual([]);
  });

  it('leaves an aborted upload aborted', async () => {
    const body = await handOn();
    world.clock.now += 10_001;
    await world.ask('POST', `/v1/uploads/${upload.subject.id}/abort`);
    expect(await work(body)).toEqual(DONE);
    expect(world.store.all()).toMatchObject([{ state: 'ABORTED' }]);
    expect(world.objects.versions(upload.subject)).toEqual([]);
  });

  it.each([
    ['no JSON', () => '{'],
    ['another version', (body: string) => body.replace('"v":1', '"v":2')],
    ['a member more', (body: string) => body.replace('{', '{"more":1,')],
    ['a key of nobody', (body: string) => body.replace('u/acme/', 'u/acme/x')],
    ['another Region', (body: string) => body.replaceAll('euw1_', 'use1_')],
  ])('leaves %s to the dead letters', async (_name, spoil) => {
    expect(await work(spoil(await handOn()))).toEqual(AGAIN);
  });

  it('reads back exactly what is written', async () => {
    const body = await handOn();
    const read = readWork(body, 'euw1');
    expect(read === undefined ? '' : writeWork(read)).toBe(body);
    expect(read?.subject.id).toBe(upload.subject.id);
  });
});
