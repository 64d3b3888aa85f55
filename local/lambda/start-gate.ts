import { availableParallelism } from 'node:os';

/** Lets only so many instances start at once. */
export type StartGate = {
  /** Takes a place and says true, or remembers `again`, to be called when one is free: those that go `first` before all others. */
  enter(again: () => void, first?: boolean): boolean;
  leave(): void;
};

/**
 * AWS starts instances on machines of their own; here they share a few cores, and a hundred starts side by side would
 * all be slow. Two per core at a time get the first ones ready soonest.
 */
export const createStartGate = (places = Math.max(2, 2 * availableParallelism())): StartGate => {
  const [waitingFirst, waiting] = [new Set<() => void>(), new Set<() => void>()];
  let inside = 0;
  return {
    enter: (again, first = false) => {
      if (inside >= places) {
        (first ? waitingFirst : waiting).add(again);
        return false;
      }
      inside += 1;
      return true;
    },
    leave: () => {
      inside -= 1;
      const [next] = waitingFirst.size > 0 ? waitingFirst : waiting;
      if (next === undefined) return;
      waitingFirst.delete(next);
      waiting.delete(next);
      next();
    },
  };
};

/** The one gate of this process: all functions share its cores. */
export const processStartGate: StartGate = createStartGate();
