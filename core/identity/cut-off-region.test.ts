import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NOW_MS } from './testing/issuers.ts';
import { ask, sleep, start } from './testing/source-world.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: NOW_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the Regions', () => {
  it('that are asked are two at most', async () => {
    const { buckets, source } = start();
    buckets.mood('euw1', 'down');
    buckets.mood('use1', 'down');
    await ask(source);
    expect(new Set(buckets.calls.map(({ region }) => region))).toEqual(new Set(['euw1', 'use1']));
  });
});

describe('a Region that is cut off from publishing', () => {
  const at = (ms: number): string => new Date(NOW_MS + ms).toISOString();

  it('is believed as long as its refresher compared its policy within 5 minutes', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 1, keys: 1, checkedAt: at(0) });
    buckets.put('use1', { policy: 2, keys: 7 });
    sleep(299_999);
    expect((await ask(source)).answer).toBe(1);
    expect(buckets.calls.map(({ region }) => region)).toEqual(['euw1', 'euw1']);
  });

  it('is passed over for the next Region once it was not compared for 5 minutes', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 1, keys: 1, checkedAt: at(0) });
    buckets.put('use1', { policy: 2, keys: 7 });
    sleep(300_000);
    expect((await ask(source)).answer).toBe(2);
    expect(source.state()).toMatchObject({ policyRegion: 'use1', keysRegion: 'use1', keysVersion: 7 });
    sleep(10_000);
    expect((await ask(source)).answer).toBe(2);
  });

  it('serves on when the next Region does not answer', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 1, keys: 1, checkedAt: at(0) });
    buckets.mood('use1', 'down');
    sleep(300_000);
    expect((await ask(source)).answer).toBe(1);
    expect(source.state().lastError).toBeNull();
  });

  it('is read again as soon as its policy is compared again', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 1, keys: 1, checkedAt: at(0) });
    buckets.put('use1', { policy: 2, keys: 7 });
    sleep(300_000);
    await ask(source);
    buckets.put('euw1', { policy: 2, keys: 2, checkedAt: at(300_000) });
    sleep(10_000);
    await ask(source);
    expect(source.state()).toMatchObject({ policyRegion: 'euw1', keysRegion: 'euw1', keysVersion: 2 });
  });

  it('never takes a policy back to an older one', async () => {
    const { buckets, source } = start();
    buckets.put('euw1', { policy: 5, keys: 1, checkedAt: at(0) });
    buckets.put('use1', { policy: 4, keys: 7 });
    sleep(300_000);
    expect((await ask(source)).answer).toBe(5);
  });
});
