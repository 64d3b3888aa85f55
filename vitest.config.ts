import { defineConfig } from 'vitest/config';
import { budgetSeconds } from './test/support/budget.ts';

const OUTSIDE = ['**/node_modules/**', 'dist/**', 'cdk.out/**', '.nearput/**'];

/**
 * Unit tests run beside the code; `*.integration.test.ts` start servers, each file its own, and mostly wait for them: two files at a time;
 * `*.e2e.test.ts` share one running platform; `*.external.test.ts` need programs from `npm run tools`, so only `npm run test:deep` runs them.
 * One project after the other: servers under test share two cores with nothing else.
 */
export default defineConfig({
  test: {
    testTimeout: 60_000 + 5_000 * budgetSeconds(),
    hookTimeout: 120_000,
    setupFiles: ['./test/support/seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          sequence: { groupOrder: 1 },
          maxWorkers: 2,
          include: ['**/*.test.ts'],
          exclude: [...OUTSIDE, '**/*.integration.test.ts', '**/*.external.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          sequence: { groupOrder: 2 },
          maxWorkers: 2,
          include: ['**/*.integration.test.ts'],
          exclude: OUTSIDE,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 3 },
          include: ['test/{e2e,faults}/**/*.e2e.test.ts'],
          exclude: OUTSIDE,
          globalSetup: ['./test/e2e/setup.ts'],
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'external',
          sequence: { groupOrder: 4 },
          include: ['**/*.external.test.ts'],
          exclude: OUTSIDE,
          fileParallelism: false,
        },
      },
    ],
  },
});
