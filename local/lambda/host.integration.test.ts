import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { createLambdaStage, payload, sleep } from './test-stage.ts';
import type { FunctionOptions } from './types.ts';

const stage = createLambdaStage();
const { start } = stage;

afterEach(() => stage.stopAll());
afterAll(() => stage.remove());

describe('an event and its answer', () => {
  test('travel as JSON text, not as clones', async () => {
    const lambda = start(
      `export const handler = async (event) => ({ event, date: new Date(0), gone: undefined, nan: NaN });`,
    );
    const result = await lambda.invoke({ when: new Date(0), missing: undefined, map: new Map([[1, 2]]) });
    expect(payload(result)).toEqual({
      event: { when: '1970-01-01T00:00:00.000Z', map: {} },
      date: '1970-01-01T00:00:00.000Z',
      nan: null,
    });
  });

  test('an undefined answer is null', async () => {
    const lambda = start('export const handler = async () => undefined;');
    expect(payload(await lambda.invoke({}))).toBeNull();
  });

  test('the context names the function, the request and the time left', async () => {
    const lambda = start(
      'export const handler = async (event, context) => ({ ...context, left: context.getRemainingTimeInMillis() });',
      { timeoutMs: 2_000, memoryMb: 128, name: 'gate' },
    );
    const context = payload(await lambda.invoke({}, { awsRequestId: 'r-1' }));
    expect(context).toMatchObject({ functionName: 'gate', awsRequestId: 'r-1', memoryLimitInMB: '128' });
    const { left } = context as { left: number };
    expect(left).toBeGreaterThan(1_500);
    expect(left).toBeLessThanOrEqual(2_000);
  });

  test('an answer over 6 MB is an error', async () => {
    const lambda = start(`export const handler = async (n) => 'x'.repeat(n);`);
    expect(payload(await lambda.invoke(6_000_000))).toHaveLength(6_000_000);
    expect(await lambda.invoke(6_300_000)).toMatchObject({ ok: false, kind: 'error' });
  });

  test('an event over 6 MB never reaches the handler', async () => {
    const lambda = start('export const handler = async () => 1;');
    expect(await lambda.invoke('x'.repeat(6_300_000))).toMatchObject({ ok: false, kind: 'error' });
    expect(lambda.stats().instances).toBe(0);
  });
});

describe('an instance', () => {
  test('leaves its compiled code for later starts', async () => {
    const compileCache = join(stage.folder, 'compiled');
    const lambda = start('export const handler = async () => 1;', { compileCache });
    for (let event = 0; event < 20; event += 1) await lambda.invoke({});
    await vi.waitFor(() => expect(readdirSync(compileCache, { recursive: true }).length).toBeGreaterThan(1));
  });

  test('starts once and keeps its module state', async () => {
    const lambda = start('let n = 0; export const handler = async () => ++n;');
    const first = await lambda.invoke({});
    const second = await lambda.invoke({});
    expect([payload(first), payload(second)]).toEqual([1, 2]);
    expect([first, second].map((result) => result.ok && result.coldStart)).toEqual([true, false]);
    expect(lambda.stats()).toMatchObject({ instances: 1, coldStarts: 1, invocations: 2, waits: 1 });
  });

  test('takes one event at a time and shares nothing with another', async () => {
    const lambda = start(`
      globalThis.seen = (globalThis.seen ?? 0);
      export const handler = async () => {
        globalThis.seen += 1;
        const mine = globalThis.seen;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return [mine, globalThis.seen];
      };`);
    const results = await Promise.all([lambda.invoke({}), lambda.invoke({}), lambda.invoke({})]);
    expect(results.map(payload)).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(lambda.stats().instances).toBe(3);
  });

  test('is frozen between events: a timer fires only during the next one', async () => {
    const lambda = start(`
      let fired = 0;
      export const handler = async (event) => {
        if (event === 'arm') { setTimeout(() => { fired += 1; }, 20); return fired; }
        const before = fired;
        await new Promise((resolve) => setTimeout(resolve, 50));
        return [before, fired];
      };`);
    expect(payload(await lambda.invoke('arm'))).toBe(0);
    await sleep(150);
    expect(payload(await lambda.invoke('look'))).toEqual([0, 1]);
  });

  test('sees exactly the given environment', async () => {
    process.env['NEARPUT_LEAK_TEST'] = 'secret of the platform';
    const lambda = start('export const handler = async () => ({ env: { ...process.env }, argv: process.execArgv });', {
      env: { AWS_REGION: 'eu-west-1' },
    });
    expect(payload(await lambda.invoke({}))).toEqual({ env: { AWS_REGION: 'eu-west-1' }, argv: [] });
    delete process.env['NEARPUT_LEAK_TEST'];
  });

  describe('with a lease', () => {
    const HANDLER = `let n = 0; export const handler = async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, ms ?? 0));
      return [process.env.LEASE, ++n, Object.keys(process.env).sort().join()];
    };`;
    /** Leases of 60 s of a clock that the test moves, numbered as they are given. */
    const leased = (more: Partial<FunctionOptions> = {}) => {
      let offset = 0;
      let given = 0;
      const now = () => Date.now() + offset * 1_000;
      const forward = (seconds: number): void => {
        offset += seconds;
      };
      const lambda = start(HANDLER, {
        env: { OWN: 'x' },
        clock: { offsetSeconds: () => offset },
        lease: () => {
          given += 1;
          return { env: { LEASE: String(given) }, from: now() - 1_000, until: now() + 60_000 };
        },
        ...more,
      });
      return { lambda, forward };
    };

    test('sees what it was leased and never the end, and is kept until then', async () => {
      const { lambda, forward } = leased();
      expect(payload(await lambda.invoke(0))).toEqual(['1', 1, 'LEASE,OWN']);
      forward(50);
      expect(payload(await lambda.invoke(0))).toEqual(['1', 2, 'LEASE,OWN']);
    });

    test.each([
      ['after its end', 60],
      ['before its beginning, when the clock was set back', -5],
    ])('takes no event %s: a new one does, in the same place', async (_, seconds) => {
      const { lambda, forward } = leased({ maxInstances: 1 });
      await lambda.invoke(0);
      forward(seconds);
      expect(payload(await lambda.invoke(0))).toEqual(['2', 1, 'LEASE,OWN']);
      expect(lambda.stats()).toMatchObject({ instances: 1, coldStarts: 2, throttles: 0, errors: 0 });
    });

    test('finishes its event after the end, and is replaced for the next, which waits', async () => {
      const { lambda, forward } = leased({ maxInstances: 1, waitMs: 2_000 });
      await lambda.invoke(0);
      const long = lambda.invoke(300);
      const waiting = lambda.invoke(0);
      forward(60);
      expect(payload(await long)).toEqual(['1', 2, 'LEASE,OWN']);
      expect(payload(await waiting)).toEqual(['2', 1, 'LEASE,OWN']);
    });

    test('leaves with all others whose lease is over, and no event is lost', async () => {
      const { lambda, forward } = leased({ maxInstances: 3 });
      await Promise.all([lambda.invoke(50), lambda.invoke(50), lambda.invoke(50)]);
      forward(60);
      const answers = await Promise.all([lambda.invoke(50), lambda.invoke(50), lambda.invoke(50)]);
      expect(answers.map(payload).map((answer) => (answer as unknown[])[1])).toEqual([1, 1, 1]);
      expect(lambda.stats()).toMatchObject({ instances: 3, coldStarts: 6, throttles: 0, errors: 0 });
    });
  });

  test('moves its Date with the one clock, and nothing else', async () => {
    let offset = 0;
    const lambda = start(
      `const { now } = Date;
       export const handler = async () => [Date.now(), new Date().getTime(), now(), new Date(5).getTime(),
         new Date() instanceof Date, Date.UTC(2026, 0, 1), typeof Date(), performance.now()];`,
      { clock: { offsetSeconds: () => offset } },
    );
    const at = async () =>
      payload(await lambda.invoke({})) as [number, number, number, number, boolean, number, string, number];
    const before = await at();
    offset = 86_400;
    const after = await at();
    for (const index of [0, 1, 2] as const) {
      expect(Math.abs(before[index] - Date.now())).toBeLessThan(5_000);
      expect(Math.abs(after[index] - Date.now() - 86_400_000)).toBeLessThan(5_000);
    }
    expect(after.slice(3, 7)).toEqual([5, true, 1_767_225_600_000, 'string']);
    expect(after[7] - before[7]).toBeLessThan(5_000);
  });

  test('writes each record to the log as one line', async () => {
    const lambda = start(`export const handler = async () => {
      console.log('one\\ntwo'); console.error({ a: 1 }); process.stdout.write('{"three":3}\\n');
    };`);
    await lambda.invoke({});
    const lines = readFileSync(lambda.logPath, 'utf8').split('\n');
    expect(lines).toEqual(expect.arrayContaining(['one\rtwo', '{ a: 1 }', '{"three":3}']));
  });
});

describe('faults of a handler', () => {
  test('a throw is an error and keeps the instance', async () => {
    const lambda = start(
      `let n = 0; export const handler = async () => { n += 1; if (n === 1) throw new RangeError('no'); return n; };`,
    );
    expect(await lambda.invoke({})).toEqual({ ok: false, kind: 'error', message: 'RangeError: no' });
    expect(payload(await lambda.invoke({}))).toBe(2);
    expect(lambda.stats()).toMatchObject({ coldStarts: 1, errors: 1 });
  });

  test.each([
    ['an unhandled rejection', `Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 1000));`],
    [
      'an exception in a timer',
      `setTimeout(() => { throw new Error('lost'); }, 1); await new Promise((r) => setTimeout(r, 1000));`,
    ],
    ['process.exit', 'process.exit(0);'],
    ['a promise that nothing will settle', 'await new Promise(() => undefined);'],
  ])('%s kills the instance and answers error', async (_name, fault) => {
    const lambda = start(
      `let n = 0; export const handler = async (event) => { n += 1; if (event === 'fault') { ${fault} } return n; };`,
    );
    expect(await lambda.invoke('fault')).toMatchObject({ ok: false, kind: 'error' });
    expect(payload(await lambda.invoke('good'))).toBe(1);
    expect(lambda.stats()).toMatchObject({ coldStarts: 2, errors: 1, instances: 1 });
  });

  test('a rejection left behind kills the instance at its next event, not the platform', async () => {
    const lambda = start(`export const handler = async (event) => {
      if (event === 'leave') { setTimeout(() => { throw new Error('late'); }, 0); return 'left'; }
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 'survived';
    };`);
    expect(payload(await lambda.invoke('leave'))).toBe('left');
    expect(await lambda.invoke('next')).toMatchObject({ ok: false, kind: 'error', message: 'Error: late' });
  });

  test.each([
    ['a throw', `throw new Error('broken'); export const handler = async () => 1;`, 'Error: broken'],
    ['a missing export', 'export const other = 1;', 'TypeError: handler is not a function exported by the bundle'],
    ['a callback handler', 'export const handler = (event, context, callback) => callback();', /callback handlers/],
  ])('%s during init is reported and leaves no instance', async (_name, source, message) => {
    const lambda = start(source);
    expect(await lambda.invoke({})).toMatchObject({
      ok: false,
      kind: 'error',
      message: expect.stringMatching(message),
    });
    expect(lambda.stats().instances).toBe(0);
  });

  test('top-level await belongs to the cold start, not to the event', async () => {
    const lambda = start(
      `await new Promise((resolve) => setTimeout(resolve, 200)); export const handler = async () => 'up';`,
      {
        timeoutMs: 100,
      },
    );
    const result = await lambda.invoke({});
    expect(result).toMatchObject({ ok: true, payload: 'up', coldStart: true });
    expect(result.ok && result.durationMs).toBeLessThan(100);
  });

  test('an init past its limit is a timeout', async () => {
    const lambda = start(
      'await new Promise((resolve) => setTimeout(resolve, 5000)); export const handler = async () => 1;',
      {
        initTimeoutMs: 100,
      },
    );
    expect(await lambda.invoke({})).toMatchObject({ ok: false, kind: 'timeout' });
  });
});
