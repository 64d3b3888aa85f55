import type { InstancePool } from './types.ts';

/**
 * At most `max` instances over all functions that share the pool. When it is full, an idle instance of another function
 * makes room, of the one that joined first: only running events count against concurrency.
 */
export const createInstancePool = (max: number): InstancePool => {
  const members: (() => boolean)[] = [];
  let used = 0;
  return {
    join: (evictIdle) => {
      members.push(evictIdle);
      return {
        take: () => {
          if (used >= max) members.some((evict) => evict !== evictIdle && evict());
          if (used >= max) return false;
          used += 1;
          return true;
        },
        release: () => {
          used -= 1;
        },
      };
    },
  };
};
