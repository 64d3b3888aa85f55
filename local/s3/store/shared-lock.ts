/** A lock that many share or one has alone; who wants it alone waits for those before it, and those after wait for it. */
export interface SharedLock {
  shared<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** A free lock. Turns are taken in the order of the calls; what `work` rejects with goes to its caller alone. */
export function createSharedLock(): SharedLock {
  /** Ends with the last one that has the lock alone. */
  let alone: Promise<unknown> = Promise.resolve();
  const sharing = new Set<Promise<unknown>>();
  let waitingAlone = 0;
  return {
    async shared(work) {
      while (waitingAlone > 0) await alone;
      const turn = work();
      const settled = turn.then(ignore, ignore);
      sharing.add(settled);
      try {
        return await turn;
      } finally {
        sharing.delete(settled);
      }
    },
    async alone(work) {
      waitingAlone += 1;
      const before = alone;
      const turn = (async () => {
        await before;
        await Promise.all(sharing);
        return work();
      })();
      alone = turn.then(ignore, ignore);
      try {
        return await turn;
      } finally {
        waitingAlone -= 1;
      }
    },
  };
}

const ignore = (): void => {};
