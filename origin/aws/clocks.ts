/** Milliseconds since 1970. */
export const wallClock = (): number => Date.now();

/** Milliseconds that never go back. */
export const monotonicClock = (): number => performance.now();
