/** Where a process dies: before or after which of its calls, counted from 0. */
export type CrashPoint = { readonly at: number; readonly when: 'before' | 'after' };

type Call = (...input: readonly never[]) => Promise<unknown>;

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * A process that dies right before or right after one of its calls to other services. After that nothing of it runs any more: what it
 * waits for never comes, so not even its `catch` and `finally` do. Without a point it only counts.
 */
export const createMortal = (point: CrashPoint | null) => {
  let calls = 0;
  let dead = false;
  let report: () => void = () => undefined;
  const died = new Promise<'died'>((resolve) => {
    report = () => resolve('died');
  });
  const die = (): Promise<never> => {
    dead = true;
    report();
    return never();
  };
  const through =
    (call: Call): Call =>
    async (...input) => {
      if (dead) return never();
      const index = calls;
      calls += 1;
      if (point?.at === index && point.when === 'before') return die();
      const result = await call(...input);
      if (point?.at === index) return die();
      return dead ? never() : result;
    };
  return {
    /** The same port, used by this process. */
    wrap: <Port extends object>(port: Port): Port => {
      const calls = Object.entries(port).map(([name, call]) => [name, through(call as Call)]);
      return Object.fromEntries(calls) as Port;
    },
    /** What the process answers, or that it died before. */
    live: <Result>(work: Promise<Result>): Promise<Result | 'died'> => Promise.race([work, died]),
    calls: (): number => calls,
  };
};
