import { describe, expect, test } from 'vitest';
import { createSharedLock } from './shared-lock.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work that lasts until it is released, and tells when it began. */
function work(log: string[], name: string) {
  const released = Promise.withResolvers<void>();
  return {
    release: released.resolve,
    run: async () => {
      log.push(`${name} begins`);
      await released.promise;
      log.push(`${name} ends`);
    },
  };
}

describe('a shared lock', () => {
  test('is had by many who share it', async () => {
    const [lock, log] = [createSharedLock(), [] as string[]];
    const [one, two] = [work(log, 'one'), work(log, 'two')];
    const all = [lock.shared(one.run), lock.shared(two.run)];
    await turn();
    expect(log).toEqual(['one begins', 'two begins']);
    one.release();
    two.release();
    await Promise.all(all);
  });

  test('is had alone only after those who share it, and before those who come later', async () => {
    const [lock, log] = [createSharedLock(), [] as string[]];
    const [sharing, alone, later] = [work(log, 'sharing'), work(log, 'alone'), work(log, 'later')];
    const all = [lock.shared(sharing.run), lock.alone(alone.run), lock.shared(later.run)];
    await turn();
    expect(log).toEqual(['sharing begins']);
    sharing.release();
    await turn();
    expect(log).toEqual(['sharing begins', 'sharing ends', 'alone begins']);
    alone.release();
    await turn();
    expect(log.slice(3)).toEqual(['alone ends', 'later begins']);
    later.release();
    await Promise.all(all);
  });

  test('is had alone by one after the other', async () => {
    const [lock, log] = [createSharedLock(), [] as string[]];
    const [one, two] = [work(log, 'one'), work(log, 'two')];
    const all = [lock.alone(one.run), lock.alone(two.run)];
    two.release();
    await turn();
    expect(log).toEqual(['one begins']);
    one.release();
    await Promise.all(all);
    expect(log).toEqual(['one begins', 'one ends', 'two begins', 'two ends']);
  });

  test('goes on after work that failed, which its caller alone hears of', async () => {
    const lock = createSharedLock();
    const failing = async (): Promise<never> => {
      throw new Error('no');
    };
    await expect(lock.alone(failing)).rejects.toThrow('no');
    await expect(lock.shared(failing)).rejects.toThrow('no');
    expect(await lock.alone(async () => 'alone')).toBe('alone');
    expect(await lock.shared(async () => 'shared')).toBe('shared');
  });
});
