import type { InstancePool } from './types.ts';

/**
 * At most `max` instances over all functions that share the pool. When it is full, an idle instance of the function that
 * joined first makes room: only running events count against concurrency.
 */
export const createInstancePool = (max: number): InstancePool => {
  const members: (() => boolean)[] = [];
  let used = 0;
  return {
    join: (evictIdle) => {
      members.push(evictIdle);
    },
    take: () => {
      if (used >= max && !members.some((evictIdle) => evictIdle())) return false;
      used += 1;
      return true;
    },
    release: () => {
      used -= 1;
    },
  };
};
