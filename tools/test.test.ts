import { describe, expect, it } from 'vitest';
import { planTests } from './test.ts';

describe('npm test', () => {
  it('runs what needs only Node', () => {
    expect(planTests([])).toEqual({
      deep: false,
      args: ['run', '--project', 'unit', '--project', 'integration', '--project', 'e2e'],
    });
  });

  it('passes further arguments on to vitest', () => {
    expect(planTests(['core/', '-t', 'ids']).args.slice(-3)).toEqual(['core/', '-t', 'ids']);
  });

  it('adds what needs external programs with --deep', () => {
    const { deep, args } = planTests(['--deep', 'local/']);
    expect(deep).toBe(true);
    expect(args).toEqual([
      'run',
      '--project',
      'unit',
      '--project',
      'integration',
      '--project',
      'e2e',
      '--project',
      'external',
      'local/',
    ]);
  });

  it('leaves the choice of projects to whoever names one', () => {
    expect(planTests(['--project', 'unit']).args).toEqual(['run', '--project', 'unit']);
    expect(planTests(['--project=external']).args).toEqual(['run', '--project=external']);
  });
});
