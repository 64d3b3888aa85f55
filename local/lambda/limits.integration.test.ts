import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { createInstancePool } from './host.ts';
import { createLambdaStage, payload, sleep } from './test-stage.ts';

const stage = createLambdaStage();
const { start } = stage;

afterEach(() => stage.stopAll());
afterAll(() => stage.remove());

describe('limits', () => {
  test.each([
    ['waiting', 'await new Promise((resolve) => setTimeout(resolve, 5000));'],
    ['a busy loop', 'for (;;) {}'],
  ])('%s past the time limit is a timeout and the instance is killed', async (_name, body) => {
    const lambda = start(
      `let n = 0; export const handler = async (event) => { n += 1; if (event === 'slow') { ${body} } return n; };`,
      {
        timeoutMs: 200,
      },
    );
    expect(await lambda.invoke('slow')).toMatchObject({
      ok: false,
      kind: 'timeout',
      message: expect.stringContaining('Task timed out after 0.20 seconds'),
    });
    expect(payload(await lambda.invoke('quick'))).toBe(1);
  });

  test.each([
    ['heap', 'const a = []; for (;;) a.push({ n: a.length, s: String(a.length) });'],
    ['buffers', 'const a = []; for (let i = 0; i < 20; i += 1) a.push(Buffer.alloc(10_000_000, 1)); return a.length;'],
    ['one buffer, for less time than anyone could look', 'return Buffer.alloc(150_000_000).length;'],
    [
      'buffers in a loop that never returns',
      'const a = []; for (;;) { if (a.length < 20) a.push(Buffer.alloc(10_000_000, 1)); }',
    ],
  ])('%s over the memory limit is memory and the instance is killed', async (_name, body) => {
    const lambda = start(
      `export const handler = async (event) => { if (event === 'much') { ${body} } return 'small'; };`,
      {
        memoryMb: 128,
      },
    );
    expect(await lambda.invoke('much')).toMatchObject({ ok: false, kind: 'memory' });
    expect(payload(await lambda.invoke('little'))).toBe('small');
  });

  test('with every instance busy and none to start, an event is throttled at once', async () => {
    const lambda = start('export const handler = async () => new Promise((resolve) => setTimeout(resolve, 200, 1));', {
      maxInstances: 2,
    });
    const results = await Promise.all([1, 2, 3].map(() => lambda.invoke({})));
    expect(results.map((result) => (result.ok ? 'ok' : result.kind))).toEqual(['ok', 'ok', 'throttled']);
    expect(lambda.stats()).toMatchObject({ instances: 2, throttles: 1 });
  });

  test('at 10 events a second per instance the eleventh needs another instance', async () => {
    const lambda = start('export const handler = async () => 1;', { perInstanceRps: 10, maxInstances: 1 });
    const kinds: string[] = [];
    for (let n = 0; n < 11; n += 1) {
      const result = await lambda.invoke({});
      kinds.push(result.ok ? 'ok' : result.kind);
    }
    expect(kinds).toEqual([...Array.from({ length: 10 }, () => 'ok'), 'throttled']);
    await sleep(250);
    expect(await lambda.invoke({})).toMatchObject({ ok: true });
  });

  test('with a wait allowed, an event at the limit gets the first instance that comes free', async () => {
    const source = 'export const handler = async (ms) => new Promise((resolve) => setTimeout(resolve, ms, "ok"));';
    const lambda = start(source, { maxInstances: 1, waitMs: 2_000 });
    const results = await Promise.all([lambda.invoke(100), lambda.invoke(100), lambda.invoke(0)]);
    expect(results.map(payload)).toEqual(['ok', 'ok', 'ok']);
    expect(lambda.stats()).toMatchObject({ instances: 1, throttles: 0, waits: 3 });
  });

  test('a wait that ends without an instance is throttled', async () => {
    const source = 'export const handler = async (ms) => new Promise((resolve) => setTimeout(resolve, ms, "ok"));';
    const lambda = start(source, { maxInstances: 1, waitMs: 50 });
    const [long, waiting] = await Promise.all([lambda.invoke(300), lambda.invoke(0)]);
    expect(payload(long)).toBe('ok');
    expect(waiting).toMatchObject({ ok: false, kind: 'throttled' });
    expect(payload(await lambda.invoke(0))).toBe('ok');
  });

  test('an event may wait for the rate of its instance, or for a new one when that dies', async () => {
    const source = 'export const handler = async (event) => { if (event === "die") process.exit(1); return event; };';
    const lambda = start(source, { maxInstances: 1, perInstanceRps: 10, waitMs: 2_000 });
    const twelve = await Promise.all(Array.from({ length: 12 }, (_, n) => lambda.invoke(n)));
    expect(twelve.map(payload)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const [died, next] = await Promise.all([lambda.invoke('die'), lambda.invoke('next')]);
    expect(died).toMatchObject({ ok: false, kind: 'error' });
    expect(payload(next)).toBe('next');
  });

  test('functions that share a pool take idle instances from each other, never busy ones', async () => {
    const pool = createInstancePool(1);
    const source = 'export const handler = async (ms) => new Promise((resolve) => setTimeout(resolve, ms, "ok"));';
    const [dublin, sydney] = [start(source, { pool }), start(source, { pool })];
    expect(payload(await dublin.invoke(0))).toBe('ok');
    expect(payload(await sydney.invoke(0))).toBe('ok');
    expect([dublin.stats().instances, sydney.stats().instances]).toEqual([0, 1]);
    const busy = sydney.invoke(200);
    expect(await dublin.invoke(0)).toMatchObject({ ok: false, kind: 'throttled' });
    expect(payload(await busy)).toBe('ok');
  });

  test('a full pool never lets a function trade its own instance at its rate for a fresh one', async () => {
    const pool = createInstancePool(1);
    const lambda = start('export const handler = async () => 1;', { pool, perInstanceRps: 10 });
    const kinds: string[] = [];
    for (let n = 0; n < 11; n += 1) {
      const result = await lambda.invoke({});
      kinds.push(result.ok ? 'ok' : result.kind);
    }
    expect(kinds).toEqual([...Array.from({ length: 10 }, () => 'ok'), 'throttled']);
  });

  test('stop answers what is under way and refuses the rest', async () => {
    const lambda = start('export const handler = async () => new Promise(() => setTimeout(() => 1, 5000));');
    const under = lambda.invoke({});
    await sleep(150);
    await lambda.stop();
    expect(await under).toMatchObject({ ok: false, kind: 'error' });
    expect(await lambda.invoke({})).toMatchObject({ ok: false, kind: 'error' });
    expect(lambda.stats().instances).toBe(0);
  });
});
