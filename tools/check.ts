import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './bundles.ts';
import { exitCodeOf } from './support/run.ts';

/** One check: a name and a command of `node_modules/.bin`. */
type Check = { readonly name: string; readonly command: string; readonly args: readonly string[] };

const CHECKS: readonly (Check & { readonly needs?: string })[] = [
  { name: 'types', command: 'tsc', args: ['-p', '.'] },
  { name: 'types of infra', command: 'tsc', args: ['-p', 'infra'], needs: 'infra/tsconfig.json' },
  { name: 'types of k6 scripts', command: 'tsc', args: ['-p', 'loadtest/k6'], needs: 'loadtest/k6/tsconfig.json' },
  { name: 'format and lint', command: 'biome', args: ['check', '--error-on-warnings'] },
  { name: 'unused code', command: 'knip', args: ['--no-progress'] },
  { name: 'boundaries', command: 'vitest', args: ['run', '--project', 'unit', 'test/boundaries.test.ts'] },
];

const main = async (): Promise<void> => {
  const failed: string[] = [];
  for (const check of CHECKS) {
    if (check.needs !== undefined && !existsSync(join(REPOSITORY, check.needs))) {
      process.stdout.write(`FAILED ${check.name}: ${check.needs} is missing\n`);
      failed.push(check.name);
      continue;
    }
    const startedAt = performance.now();
    const command = join(REPOSITORY, 'node_modules', '.bin', check.command);
    const code = await exitCodeOf(command, check.args, { cwd: REPOSITORY, quiet: true });
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
    process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)\n`);
    if (code !== 0) failed.push(check.name);
  }
  process.stdout.write(`checks: ${CHECKS.length - failed.length} passed, ${failed.length} failed\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
};

if (import.meta.main) await main();
