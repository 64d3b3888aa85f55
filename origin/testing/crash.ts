/** Where a process dies: before or after which of its calls, counted from 0 or by the name of the first of them. */
export type CrashPoint = { readonly at: number | string; readonly when: 'before' | 'after' };

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
  const made = new Set<string>();
  const through =
    (name: string, call: Call): Call =>
    async (...input) => {
      if (dead) return never();
      const isPoint = point?.at === calls || (point?.at === name && !made.has(name));
      calls += 1;
      made.add(name);
      if (isPoint && point.when === 'before') return die();
      const result = await call(...input);
      if (isPoint) return die();
      return dead ? never() : result;
    };
  return {
    /** The same port, used by this process. */
    wrap: <Port extends object>(port: Port): Port => {
      const calls = Object.entries(port).map(([name, call]) => [name, through(name, call as Call)]);
      return Object.fromEntries(calls) as Port;
    },
    /** What the process answers, or that it died before. */
    live: <Result>(work: Promise<Result>): Promise<Result | 'died'> => Promise.race([work, died]),
    calls: (): number => calls,
  };
};
