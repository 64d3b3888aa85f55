import { budgetRuns, budgetSeconds, testSeed } from '../support/budget.ts';
import { createRandom, type Random } from '../support/random.ts';

/** One new seed of each case in an ordinary run; a deep one has a budget of 30 seconds and so more than a hundred. */
const seedCount = (): number => (budgetSeconds() <= 1 ? 1 : budgetRuns(3.5));

/** One seed of the slowest case takes a few seconds. */
const SEED_MAX_MS = 5_000;

/** How long all seeds of a case may take, in milliseconds. */
export const seedsTimeoutMs = (): number => 30_000 + seedCount() * SEED_MAX_MS;

/** Runs one case once for each seed; a failure names the seed that gives it again. */
export const withSeeds = async (name: string, work: (random: Random, seed: number) => Promise<void>): Promise<void> => {
  const first = testSeed(name);
  const count = seedCount();
  for (let run = 0; run < count; run += 1) {
    try {
      await work(createRandom(first + run), first + run);
    } catch (error) {
      if (error instanceof Error) error.message = `NEARPUT_TEST_SEED=${first + run}: ${error.message}`;
      throw error;
    }
  }
};
