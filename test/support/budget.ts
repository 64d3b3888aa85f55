/**
 * How long randomised tests may take. `NEARPUT_TEST_BUDGET` is seconds for each randomised test (default 1);
 * `NEARPUT_TEST_SEED` reruns them from a seed that an earlier run printed.
 */

const DEFAULT_SECONDS = 1;

const numberFrom = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Error(`${name} must be a number, not "${text}"`);
  return value;
};

/** Seconds one randomised test may take. Throws when `NEARPUT_TEST_BUDGET` is not a number above 0. */
export const budgetSeconds = (env: NodeJS.ProcessEnv = process.env): number => {
  const seconds = numberFrom('NEARPUT_TEST_BUDGET', env['NEARPUT_TEST_BUDGET']) ?? DEFAULT_SECONDS;
  if (seconds <= 0) throw new Error(`NEARPUT_TEST_BUDGET must be above 0, not ${seconds}`);
  return seconds;
};

/** How many runs fit the budget when a test manages `perSecond` of them a second; at least 1. */
export const budgetRuns = (perSecond: number, env: NodeJS.ProcessEnv = process.env): number =>
  Math.max(1, Math.round(perSecond * budgetSeconds(env)));

/** The seed to rerun from, or `undefined` when every run may choose its own. Throws when `NEARPUT_TEST_SEED` is not a whole number. */
export const chosenSeed = (env: NodeJS.ProcessEnv = process.env): number | undefined => {
  const seed = numberFrom('NEARPUT_TEST_SEED', env['NEARPUT_TEST_SEED']);
  if (seed !== undefined && !Number.isSafeInteger(seed))
    throw new Error(`NEARPUT_TEST_SEED must be whole, not ${seed}`);
  return seed;
};

/** A seed for a test that makes its own random input: the chosen one, else a new one. Printed, so that a failure can be rerun. */
export const testSeed = (name: string, env: NodeJS.ProcessEnv = process.env): number => {
  const seed = chosenSeed(env) ?? Math.floor(Math.random() * 0x7fff_ffff);
  process.stdout.write(`seed of ${name}: NEARPUT_TEST_SEED=${seed}\n`);
  return seed;
};
