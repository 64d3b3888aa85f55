import { describe, expect, it } from 'vitest';
import { budgetRuns, budgetSeconds, chosenSeed, testSeed } from './budget.ts';

describe('the budget of randomised tests', () => {
  it('is one second without a setting', () => {
    expect(budgetSeconds({})).toBe(1);
    expect(budgetRuns(300, {})).toBe(300);
  });

  it('grows with NEARPUT_TEST_BUDGET', () => {
    expect(budgetRuns(300, { NEARPUT_TEST_BUDGET: '20' })).toBe(6_000);
  });

  it('never falls below one run', () => {
    expect(budgetRuns(1, { NEARPUT_TEST_BUDGET: '0.01' })).toBe(1);
  });

  it.each(['0', '-1', 'many', 'Infinity'])('refuses a budget of %s', (text) => {
    expect(() => budgetSeconds({ NEARPUT_TEST_BUDGET: text })).toThrow(/NEARPUT_TEST_BUDGET/);
  });

  it('reruns from the seed it is given', () => {
    expect(chosenSeed({})).toBeUndefined();
    expect(testSeed('this', { NEARPUT_TEST_SEED: '42' })).toBe(42);
  });

  it('refuses a seed that is not whole', () => {
    expect(() => chosenSeed({ NEARPUT_TEST_SEED: '1.5' })).toThrow(/NEARPUT_TEST_SEED/);
  });
});
