import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.ts';
import { REPOSITORY } from './bundles.ts';
import { PROGRAM_NAMES } from './external/programs.ts';
import { ensureTool } from './external.ts';
import { spawnInherited } from './support/run.ts';

/** Seconds each randomised test takes with `--deep`, unless `NEARPUT_TEST_BUDGET` says otherwise. */
const DEEP_BUDGET_SECONDS = '30';

/** What one call of `npm test` runs. */
export type TestPlan = {
  readonly deep: boolean;
  /** Arguments of vitest. */
  readonly args: readonly string[];
};

/** Turns the arguments after `npm test --` into a plan: `--deep` is ours, the rest is vitest's. */
export const planTests = (args: readonly string[]): TestPlan => {
  const deep = args.includes('--deep');
  const rest = args.filter((argument) => argument !== '--deep');
  const chosen = rest.some((argument) => argument === '--project' || argument.startsWith('--project='));
  const projects = deep ? ['unit', 'integration', 'e2e', 'external'] : ['unit', 'integration', 'e2e'];
  return { deep, args: ['run', ...(chosen ? [] : projects.flatMap((name) => ['--project', name])), ...rest] };
};

const main = async (): Promise<number> => {
  const plan = planTests(process.argv.slice(2));
  await build();
  if (plan.deep) for (const name of PROGRAM_NAMES) await ensureTool(name);
  const vitest = join(REPOSITORY, 'node_modules', 'vitest', 'vitest.mjs');
  // Temporary folders of all tests, also of those that were killed, go with this one.
  const scratch = mkdtempSync(join(tmpdir(), 'nearput-test-'));
  try {
    return await spawnInherited(process.execPath, [vitest, ...plan.args], {
      cwd: REPOSITORY,
      env: {
        TMPDIR: scratch,
        ...(plan.deep ? { NEARPUT_TEST_BUDGET: process.env['NEARPUT_TEST_BUDGET'] ?? DEEP_BUDGET_SECONDS } : {}),
      },
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
};

if (import.meta.main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    process.stderr.write(`tests not run: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
