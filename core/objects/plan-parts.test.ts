import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { leastPartSize, partCount, partLength, partSizeFor } from './plan-parts.ts';

const MIB = 1_048_576;
const LARGEST = 53_687_091_200_000;

describe('partSizeFor', () => {
  it.each([
    [0, 8],
    [64 * MIB + 1, 8],
    [80_000 * MIB, 8],
    [80_000 * MIB + 1, 9],
    [100_000_000_000, 10],
    [1_000_000_000_000, 96],
    [LARGEST, 5_120],
  ])('gives %s bytes parts of %s MiB', (size, mebibytes) => {
    expect(partSizeFor(size)).toBe(mebibytes * MIB);
  });

  it('is the smallest that needs no more than 10,000 parts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: LARGEST }), (size) => {
        const partSize = partSizeFor(size);
        expect(partSize % MIB).toBe(0);
        expect(Math.ceil(size / partSize)).toBeLessThanOrEqual(10_000);
        if (partSize > 8 * MIB) expect(Math.ceil(size / (partSize - MIB))).toBeGreaterThan(10_000);
      }),
      { numRuns: budgetRuns(2_000) },
    );
  });
});

describe('leastPartSize', () => {
  it.each([
    [1, 5],
    [50_000 * MIB, 5],
    [50_000 * MIB + 1, 6],
    [LARGEST, 5_120],
  ])('lets a caller ask for parts of %s bytes from %s MiB on', (size, mebibytes) => {
    expect(leastPartSize(size)).toBe(mebibytes * MIB);
  });
});

describe('partCount', () => {
  it.each([
    [0, 1],
    [1, 1],
    [8 * MIB, 1],
    [8 * MIB + 1, 2],
    [80_000 * MIB, 10_000],
  ])('counts %s bytes in parts of 8 MiB as %s', (size, count) => {
    expect(partCount({ size, partSize: 8 * MIB })).toBe(count);
  });

  it.each([
    ['one part too many', { size: 80_000 * MIB + 1, partSize: 8 * MIB }],
    ['parts below the smallest', { size: 10, partSize: 4 * MIB }],
    ['parts above the largest', { size: 10, partSize: 5_121 * MIB }],
    ['no part size', { size: 10, partSize: 0 }],
  ])('refuses %s', (_, plan) => {
    expect(() => partCount(plan)).toThrow(/cannot be uploaded in parts of/);
  });
});

describe('partLength', () => {
  const plan = { size: 20 * MIB + 7, partSize: 8 * MIB };

  it.each([
    [1, 8 * MIB],
    [2, 8 * MIB],
    [3, 4 * MIB + 7],
  ])('gives part %s its %s bytes', (number, length) => {
    expect(partLength(plan, number)).toBe(length);
  });

  it('gives the last part a whole length when nothing is left over', () => {
    expect(partLength({ size: 16 * MIB, partSize: 8 * MIB }, 2)).toBe(8 * MIB);
  });

  it('gives 0 bytes one empty part', () => {
    expect(partLength({ size: 0, partSize: 8 * MIB }, 1)).toBe(0);
  });

  it.each([0, 4, -1, 1.5, Number.NaN])('refuses the number %s', (number) => {
    expect(() => partLength(plan, number)).toThrow(/none of the 3 planned/);
  });

  it('adds up to the size, whatever the plan', () => {
    const plans = fc.integer({ min: 0, max: 2_000 * MIB }).map((size) => ({ size, partSize: 5 * MIB }));
    fc.assert(
      fc.property(plans, (drawn) => {
        const lengths = Array.from({ length: partCount(drawn) }, (_, index) => partLength(drawn, index + 1));
        expect(lengths.reduce((sum, length) => sum + length)).toBe(drawn.size);
        expect(lengths.slice(0, -1).every((length) => length === drawn.partSize)).toBe(true);
      }),
      { numRuns: budgetRuns(300) },
    );
  });
});
