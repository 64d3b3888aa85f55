import { describe, expect, it } from 'vitest';
import { createAdaptiveLimit, type TurnEnd } from './adaptive-limit.ts';

const taken = async (limit: ReturnType<typeof createAdaptiveLimit>, count: number) =>
  Promise.all(Array.from({ length: count }, () => limit.take()));

describe('the adaptive limit', () => {
  it('lets as many run as allowed, and the next one when one ends', async () => {
    const limit = createAdaptiveLimit(2);
    const [first] = await taken(limit, 2);
    let third = false;
    const waiting = limit.take().then(() => {
      third = true;
    });
    await Promise.resolve();
    expect(third).toBe(false);
    first?.('done');
    await waiting;
    expect(third).toBe(true);
  });

  it('halves once for all that were strained together, never below one', async () => {
    const limit = createAdaptiveLimit(8);
    for (const end of await taken(limit, 8)) end('strained');
    expect(limit.allowed()).toBe(4);
    for (const end of await taken(limit, 4)) end('strained');
    for (const end of await taken(limit, 2)) end('strained');
    for (const end of await taken(limit, 1)) end('strained');
    expect(limit.allowed()).toBe(1);
  });

  it('grows by one after as many good ends as are allowed, up to the most', async () => {
    const limit = createAdaptiveLimit(4);
    for (const end of await taken(limit, 4)) end('strained');
    const run = async (end: TurnEnd) => (await limit.take())(end);
    await run('done');
    expect(limit.allowed()).toBe(2);
    await run('done');
    expect(limit.allowed()).toBe(3);
    for (let turn = 0; turn < 20; turn++) await run('done');
    expect(limit.allowed()).toBe(4);
  });

  it('neither grows nor shrinks by a failure that has another cause', async () => {
    const limit = createAdaptiveLimit(4);
    for (let turn = 0; turn < 9; turn++) (await limit.take())('failed');
    expect(limit.allowed()).toBe(4);
  });

  it('forgets who stopped waiting', async () => {
    const limit = createAdaptiveLimit(1);
    const [first] = await taken(limit, 1);
    const stop = new AbortController();
    const gone = limit.take(stop.signal);
    const next = limit.take();
    stop.abort(new Error('enough'));
    await expect(gone).rejects.toThrow('enough');
    first?.('done');
    (await next)('done');
    await expect(limit.take(stop.signal)).rejects.toThrow('enough');
  });
});
