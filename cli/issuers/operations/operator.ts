import type { Output } from '../../output.ts';
import type { Deployment } from '../deployment/deployment.ts';
import type { ConvergeDeps } from '../registry/converge.ts';

/** What every operation works with. */
export type Operator = {
  readonly deployment: Deployment;
  readonly output: Output;
  /** Whether standard output is JSON, one value a line. */
  readonly json: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Asks a person; throws `UsageError` if there is none to ask. */
  readonly confirm: (question: string) => Promise<boolean>;
};

/** What the registry needs of it. */
export const depsOf = ({ deployment: { regions }, now, pause }: Operator): ConvergeDeps => ({ regions, now, pause });

/** One value as JSON, or the same as a line for people. */
export const print = ({ json, output }: Pick<Operator, 'json' | 'output'>, value: object, line: string): void =>
  output.data(json ? JSON.stringify(value) : line);
