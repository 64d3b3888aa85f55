/** What the outgoing calls of one request may still take together. */
export type Budget = {
  /** Whole milliseconds left; 0 when there is nothing left. */
  left(): number;
};

/** A budget that runs from now on. `monotonic` is a clock in milliseconds that no correction of the time of day moves. */
export const startBudget = (totalMs: number, monotonic: () => number): Budget => {
  const endsAt = monotonic() + totalMs;
  return { left: () => Math.max(0, Math.floor(endsAt - monotonic())) };
};
