/** Names of the steps of a request, as logs, metrics and `Server-Timing` show them. */
export const STEPS = ['registry', 'token', 'choose', 'multipart', 'sign', 'event'] as const;
export type Step = (typeof STEPS)[number];

/** Where a request's time went. */
export type Steps = {
  /** Runs a step and keeps how long it took, also if it fails. */
  run<Value>(step: Step, work: () => Value): Value;
  runAsync<Value>(step: Step, work: () => Promise<Value>): Promise<Value>;
  /** Milliseconds by step, to a hundredth. */
  durations(): Readonly<Partial<Record<Step, number>>>;
  /** Milliseconds since the start. */
  total(): number;
};

const round = (ms: number): number => Math.round(ms * 100) / 100;

/** Starts the stopwatch. `monotonic` is a clock in milliseconds. */
export const startSteps = (monotonic: () => number): Steps => {
  const startedAt = monotonic();
  const taken = new Map<Step, number>();
  const add = (step: Step, since: number): void => {
    taken.set(step, (taken.get(step) ?? 0) + monotonic() - since);
  };
  return {
    run: (step, work) => {
      const since = monotonic();
      try {
        return work();
      } finally {
        add(step, since);
      }
    },
    runAsync: async (step, work) => {
      const since = monotonic();
      try {
        return await work();
      } finally {
        add(step, since);
      }
    },
    durations: () => Object.fromEntries([...taken].map(([step, ms]) => [step, round(ms)])),
    total: () => round(monotonic() - startedAt),
  };
};

/** Value of a `Server-Timing` header (W3C Server Timing). */
export const serverTiming = (steps: Steps): string =>
  [...Object.entries(steps.durations()), ['total', steps.total()]].map(([name, ms]) => `${name};dur=${ms}`).join(', ');
