import type { StateStore } from '../../client/state/state-store.ts';

/** A state store that knows which finished uploads this run has to do with. */
export type FinishedKeys = {
  readonly store: StateStore;
  /** Forgets them: nothing is left that the same command would have to go on with. */
  readonly forget: () => Promise<void>;
};

/** Watches a store. */
export const watchFinished = (store: StateStore): FinishedKeys => {
  const keys = new Set<string>();
  return {
    store: {
      ...store,
      finish: async (key, finished) => {
        keys.add(key);
        await store.finish(key, finished);
      },
      loadFinished: async (key) => {
        const found = await store.loadFinished(key);
        if (found !== undefined) keys.add(key);
        return found;
      },
    },
    forget: async () => {
      for (const key of keys) await store.remove(key);
      keys.clear();
    },
  };
};
