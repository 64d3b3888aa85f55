import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../contract/problems.ts';
import { NOW_MS } from './testing/issuers.ts';
import { ask, sleep, start } from './testing/source-world.ts';

/** A source that has just read version 1 of both documents; the calls are forgotten. */
const warmed = async () => {
  const { buckets, source } = start();
  await source.warm();
  buckets.calls.length = 0;
  return { buckets, source };
};

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('documents younger than 10 s', () => {
  it('are used as they are', async () => {
    const { buckets, source } = await warmed();
    sleep(9_999);
    expect((await ask(source)).answer).toBe(1);
    expect(buckets.calls).toEqual([]);
  });

  it('are read once by many requests at the start', async () => {
    const { buckets, source } = start();
    buckets.mood('euw1', { afterMs: 100 });
    const all = Promise.all(Array.from({ length: 20 }, () => source.get(1_500)));
    await vi.advanceTimersByTimeAsync(200);
    expect((await all).map(({ policyVersion }) => policyVersion)).toEqual(Array(20).fill(1));
    expect(buckets.calls).toHaveLength(2);
  });
});

describe('documents of 10 to 25 s', () => {
  it.each([10_000, 24_999])('are refreshed beside the request at %i ms, by ETag', async (age) => {
    const { buckets, source } = await warmed();
    buckets.put('euw1', { policy: 2 });
    sleep(age);
    expect((await ask(source)).answer).toBe(2);
    expect(buckets.calls.map(({ region, name, etag }) => [region, name, etag !== null])).toEqual([
      ['euw1', 'policy', true],
      ['euw1', 'keys', true],
    ]);
  });

  it('are fresh again when nothing has changed', async () => {
    const { buckets, source } = await warmed();
    sleep(10_000);
    await ask(source);
    buckets.calls.length = 0;
    sleep(5_000);
    expect((await ask(source)).answer).toBe(1);
    expect(buckets.calls).toEqual([]);
  });

  it('are awaited 249 ms and not 251', async () => {
    for (const [afterMs, version, tookMs] of [
      [249, 2, 249],
      [251, 1, 250],
    ] as const) {
      const { buckets, source } = await warmed();
      buckets.put('euw1', { policy: 2 });
      buckets.mood('euw1', { afterMs });
      sleep(10_000);
      expect(await ask(source)).toEqual({ answer: version, tookMs });
    }
  });

  it('are awaited no longer than the budget', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', { afterMs: 10_000 });
    sleep(10_000);
    expect(await ask(source, 40)).toEqual({ answer: 1, tookMs: 40 });
  });

  it('serve as they are when every Region fails', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', 'down');
    buckets.mood('use1', 'down');
    sleep(24_999);
    expect((await ask(source)).answer).toBe(1);
  });
});

describe('documents of 25 s and more', () => {
  it.each([25_000, 599_000])('are refreshed first at %i ms, however slow', async (age) => {
    const { buckets, source } = await warmed();
    buckets.put('euw1', { policy: 2 });
    buckets.mood('euw1', { afterMs: 700 });
    sleep(age);
    expect(await ask(source)).toEqual({ answer: 2, tookMs: 700 });
  });

  it.each(['down', { afterMs: 60_000 }] as const)('come from the next Region when the own one is %j', async (mood) => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', mood);
    buckets.put('use1', { policy: 2, keys: 1 });
    sleep(25_000);
    const { answer, tookMs } = await ask(source);
    expect(answer).toBe(2);
    expect(tookMs).toBeLessThanOrEqual(750);
    expect(source.state()).toMatchObject({ policyRegion: 'use1', keysRegion: 'use1', lastError: null });
  });

  it('come from the next Region when the own one holds something else', async () => {
    const { buckets, source } = await warmed();
    buckets.putText('euw1', 'policy', '<Error/>');
    buckets.put('use1', { policy: 2 });
    sleep(25_000);
    expect((await ask(source)).answer).toBe(2);
    expect(source.state()).toMatchObject({ policyRegion: 'use1', keysRegion: 'euw1' });
  });

  it('serve up to 10 minutes when every Region fails, then 503', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', 'down');
    buckets.mood('use1', 'down');
    sleep(599_999);
    expect((await ask(source)).answer).toBe(1);
    sleep(600_000 - (source.state().ageMs ?? 0));
    const { answer } = await ask(source);
    expect(answer).toBeInstanceOf(Problem);
    expect(answer).toMatchObject({ code: 'registry_unavailable', status: 503, headers: { 'retry-after': '1' } });
  });

  it('serve again as soon as a Region answers', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', 'down');
    buckets.mood('use1', 'down');
    sleep(700_000);
    expect((await ask(source)).answer).toBeInstanceOf(Problem);
    buckets.mood('use1', 'up');
    sleep(1_000);
    expect((await ask(source)).answer).toBe(1);
  });

  it('cost one request in a second its time while everything fails, not all', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', { afterMs: 60_000 });
    buckets.mood('use1', { afterMs: 60_000 });
    sleep(30_000);
    const first = source.get(600);
    await vi.advanceTimersByTimeAsync(600);
    expect((await first).policyVersion).toBe(1);
    const before = Date.now();
    expect((await source.get(600)).policyVersion).toBe(1);
    expect(Date.now()).toBe(before);
    expect(buckets.calls.filter(({ region }) => region === 'euw1')).toHaveLength(2);
  });
});

describe('a start without documents', () => {
  it('is 503 within the budget when no Region answers', async () => {
    const { buckets, source } = start();
    buckets.mood('euw1', { afterMs: 60_000 });
    buckets.mood('use1', { afterMs: 60_000 });
    const { answer, tookMs } = await ask(source, 800);
    expect(answer).toMatchObject({ code: 'registry_unavailable' });
    expect(tookMs).toBeLessThanOrEqual(800);
  });

  it('needs both documents', async () => {
    const { buckets, source } = start();
    buckets.putText('euw1', 'keys', '');
    buckets.putText('use1', 'keys', '');
    expect((await ask(source)).answer).toMatchObject({ code: 'registry_unavailable' });
  });

  it('warms without ever throwing', async () => {
    const { buckets, source } = start();
    buckets.mood('euw1', 'down');
    buckets.mood('use1', 'down');
    await expect(source.warm()).resolves.toBeUndefined();
    expect(source.state()).toMatchObject({
      policyVersion: null,
      ageMs: null,
      lastError: expect.stringContaining('down'),
    });
  });
});

describe('versions never go back', () => {
  it('so an older policy of the next Region does not replace a newer one', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 5 });
    await source.warm();
    buckets.mood('euw1', 'down');
    sleep(30_000);
    expect((await ask(source)).answer).toBe(5);
    expect(source.state().lastError).toContain('older');
  });

  it('so a Region that was rolled back is passed over for the next one', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 5 });
    await source.warm();
    buckets.put('euw1', { policy: 4 });
    buckets.put('use1', { policy: 5 });
    sleep(30_000);
    expect((await ask(source)).answer).toBe(5);
    expect(source.state()).toMatchObject({ policyRegion: 'use1', lastError: null });
  });

  it('but keys are counted by each Region for itself', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { keys: 900 });
    await source.warm();
    buckets.mood('euw1', 'down');
    sleep(30_000);
    await ask(source);
    expect(source.state()).toMatchObject({ keysRegion: 'use1', keysVersion: 1 });
  });
});

describe('an instance that slept', () => {
  it('does not wait for a refresh from before its sleep, and does not believe it', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', { afterMs: 900 });
    sleep(10_000);
    await Promise.all([source.get(0), vi.advanceTimersByTimeAsync(1)]);
    buckets.put('euw1', { policy: 2 });
    sleep(300_000);
    buckets.mood('euw1', { afterMs: 50 });
    expect((await ask(source)).answer).toBe(2);
    expect(source.state()).toMatchObject({ policyVersion: 2 });
    expect(source.state().ageMs).toBeLessThan(10_000);
  });

  it('tries again at once when the refresh from before its sleep fails', async () => {
    const { buckets, source } = await warmed();
    buckets.mood('euw1', { afterMs: 5_000 });
    buckets.mood('use1', 'down');
    sleep(10_000);
    await Promise.all([source.get(0), vi.advanceTimersByTimeAsync(1)]);
    sleep(300_000);
    await vi.advanceTimersByTimeAsync(600);
    buckets.put('euw1', { policy: 2 });
    buckets.mood('euw1', 'up');
    expect((await ask(source)).answer).toBe(2);
  });

  it('counts age from when the GET was sent, not from when it was answered', async () => {
    const { buckets, source } = start();
    buckets.mood('euw1', { afterMs: 400 });
    const warm = source.warm();
    await vi.advanceTimersByTimeAsync(400);
    await warm;
    expect(source.state().ageMs).toBe(400);
  });
});

describe('a clock that was set back', () => {
  it('makes the documents stale, not fresh for ever', async () => {
    const { buckets, source } = await warmed();
    buckets.put('euw1', { policy: 2 });
    sleep(-60_000);
    expect((await ask(source)).answer).toBe(2);
    expect(source.state().ageMs).toBeLessThan(10_000);
  });
});
