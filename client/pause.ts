/** Why a request was cut when its upload was paused. */
export const PAUSED = new Error('the upload is paused');

/** A switch between running and paused. */
export type Pause = {
  readonly paused: () => boolean;
  /** Cuts what is under way: its signals abort with `PAUSED`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Resolves as soon as it is running; rejects with the signal's reason. */
  readonly running: (signal: AbortSignal) => Promise<void>;
  /** A signal for one request: aborts with `signal`, or at the next pause. */
  readonly during: (signal: AbortSignal) => AbortSignal;
};

/** A switch that is running at first. */
export const createPause = (): Pause => {
  let cut = new AbortController();
  let resumed: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined;
  return {
    paused: () => resumed !== undefined,
    pause: () => {
      if (resumed !== undefined) return;
      resumed = Promise.withResolvers<void>();
      cut.abort(PAUSED);
    },
    resume: () => {
      if (resumed === undefined) return;
      cut = new AbortController();
      resumed.resolve();
      resumed = undefined;
    },
    running: async (signal) => {
      signal.throwIfAborted();
      if (resumed === undefined) return;
      const stopped = Promise.withResolvers<never>();
      const stop = () => stopped.reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      try {
        await Promise.race([resumed.promise, stopped.promise]);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    during: (signal) => AbortSignal.any([signal, cut.signal]),
  };
};
