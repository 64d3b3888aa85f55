import { defineConfig } from 'vitest/config';

/** Unit tests run beside the code; `*.integration.test.ts` start servers and run one file at a time. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', '**/*.integration.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**'],
          fileParallelism: false,
        },
      },
    ],
  },
});
