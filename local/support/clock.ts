/** The platform's one clock: wall-clock time plus an offset that a test may set. */
export interface Clock {
  /** Milliseconds since the epoch, as the platform sees them. */
  now(): number;
  /** Moves the clock: `seconds` ahead of the machine's (negative: behind). */
  setOffset(seconds: number): void;
  /** The offset now in force, in seconds. */
  offsetSeconds(): number;
}

/** A clock `offsetSeconds` ahead of the machine's. */
export function createClock(offsetSeconds = 0): Clock {
  let offset = offsetSeconds;
  return {
    now: () => Date.now() + offset * 1000,
    setOffset(seconds) {
      offset = seconds;
    },
    offsetSeconds: () => offset,
  };
}
