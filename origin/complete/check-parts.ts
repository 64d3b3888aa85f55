import { Problem, type ProblemFault } from '../../core/contract/problems.ts';
import { type PartPlan, partCount, partLength } from '../../core/objects/plan-parts.ts';
import type { HeldPart } from '../objects/part-store.ts';

/** How the parts S3 holds differ from the plan; both empty: not at all. */
export type PartFaults = {
  /** Planned numbers S3 has nothing of. */
  readonly missing: readonly number[];
  /** Held numbers of another size than planned, or beyond the plan. */
  readonly wrong: readonly number[];
};

/** Faults named one by one in a problem; the parts route lists all. */
const NAMED_MAX = 1_000;

/** Runs of numbers named in a sentence. */
const RUNS_MAX = 20;

/** Compares parts with the plan; `held` in any order. */
export const checkParts = (plan: PartPlan, held: readonly HeldPart[]): PartFaults => {
  const count = partCount(plan);
  const numbers = new Set(held.map(({ number }) => number));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !numbers.has(number));
  const wrong = held
    .filter(({ number, size }) => number > count || size !== partLength(plan, number))
    .map(({ number }) => number);
  return { missing, wrong };
};

/** Whether the parts are exactly the plan. */
export const isWhole = ({ missing, wrong }: PartFaults): boolean => missing.length === 0 && wrong.length === 0;

/** Rising numbers as a person writes them: `1-3, 7`. */
export const writeNumbers = (numbers: readonly number[]): string => {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run?.[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  const named = runs.slice(0, RUNS_MAX).map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return runs.length > RUNS_MAX ? `${named.join(', ')} and more` : named.join(', ');
};

const fault =
  (message: string) =>
  (number: number): ProblemFault => ({ path: `/parts/${number}`, message });

const partWord = (numbers: readonly number[]): string => (numbers.length === 1 ? 'Part' : 'Parts');

/** The answer for parts that are not the plan: `parts_missing`, else `part_mismatch`; each fault's path ends with the part's number. */
export const partsProblem = ({ missing, wrong }: PartFaults): Problem => {
  const errors = [
    ...missing.map(fault('is missing')),
    ...wrong.map(fault('is not of the planned size, or beyond the plan')),
  ].slice(0, NAMED_MAX);
  return missing.length > 0
    ? new Problem(
        'parts_missing',
        `${partWord(missing)} ${writeNumbers(missing)} of the plan did not arrive; send what is missing and finalize again. The upload is still open.`,
        { errors },
      )
    : new Problem(
        'part_mismatch',
        `${partWord(wrong)} ${writeNumbers(wrong)} ${wrong.length === 1 ? 'is' : 'are'} not of the planned size; send again what differs and finalize again. The upload is still open.`,
        { errors },
      );
};
