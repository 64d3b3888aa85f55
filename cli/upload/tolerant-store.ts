import type { StateStore } from '../../client/state/state-store.ts';

/** A store that gives up instead of failing: an upload that cannot be remembered is still an upload. `onTrouble` hears of the first trouble. */
export const tolerant = (store: StateStore, onTrouble: (error: unknown) => void): StateStore => {
  let broken = false;
  const attempt = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
    if (broken) return undefined;
    try {
      return await work();
    } catch (error) {
      broken = true;
      onTrouble(error);
      return undefined;
    }
  };
  return {
    load: (key) => attempt(() => store.load(key)),
    begin: async (key, upload) => attempt(() => store.begin(key, upload)),
    addPart: async (key, part) => attempt(() => store.addPart(key, part)),
    finish: async (key, finished) => attempt(() => store.finish(key, finished)),
    loadFinished: (key) => attempt(() => store.loadFinished(key)),
    remove: async (key) => attempt(() => store.remove(key)),
  };
};
