/** How a turn ended: `strained` when the other side was too slow or asked for less. */
export type TurnEnd = 'done' | 'failed' | 'strained';

/** Bounds how many requests run at once, for one upload or for many that share it. */
export type AdaptiveLimit = {
  /** The bound it never exceeds. */
  readonly max: number;
  /** How many may run at once now. */
  readonly allowed: () => number;
  /** Waits for a turn; call what it gives exactly once when the request has ended. Rejects with the signal's reason. */
  readonly take: (signal?: AbortSignal) => Promise<(end: TurnEnd) => void>;
};

/**
 * Starts with `max` at once, halves when a request is strained (once for all that ran together), and grows by one
 * after as many good ends as are allowed: additive increase, multiplicative decrease, as TCP does (RFC 5681).
 */
export const createAdaptiveLimit = (max: number): AdaptiveLimit => {
  const waiting = new Set<() => void>();
  let allowed = max;
  let running = 0;
  let good = 0;
  let cuts = 0;

  const wake = () => {
    for (const go of waiting) {
      if (running >= allowed) return;
      waiting.delete(go);
      running++;
      go();
    }
  };
  const ended = (end: TurnEnd, cutsBefore: number) => {
    running--;
    if (end === 'strained' && cutsBefore === cuts) {
      allowed = Math.max(1, Math.floor(allowed / 2));
      cuts++;
      good = 0;
    }
    if (end === 'done' && ++good >= allowed) {
      allowed = Math.min(max, allowed + 1);
      good = 0;
    }
    wake();
  };
  const turn = (signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const stop = () => {
        waiting.delete(go);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', stop, { once: true });
      waiting.add(go);
      wake();
    });

  return {
    max,
    allowed: () => allowed,
    take: async (signal) => {
      signal?.throwIfAborted();
      await turn(signal);
      const cutsBefore = cuts;
      return (end) => ended(end, cutsBefore);
    },
  };
};
