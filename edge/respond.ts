import { ConfigurationError } from '../core/config/faults.ts';
import { PROBLEM_MEDIA_TYPE, Problem, problemBody } from '../core/contract/problems.ts';
import type { GateResponse } from './request.ts';

/** An answer in JSON. */
export const respondJson = (
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): GateResponse => ({
  kind: 'respond',
  status,
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** An answer without a body. */
export const respondEmpty = (status: number, headers: Readonly<Record<string, string>> = {}): GateResponse => ({
  kind: 'respond',
  status,
  headers,
  body: '',
});

/** A problem as its answer (RFC 9457). */
export const respondProblem = (problem: Problem, requestId: string): GateResponse => ({
  kind: 'respond',
  status: problem.status,
  headers: { ...problem.headers, 'content-type': PROBLEM_MEDIA_TYPE },
  body: JSON.stringify(problemBody(problem.code, problem.detail, requestId, problem.errors)),
});

/** Whatever was thrown as a problem; what is none of ours tells the caller nothing of the cause. */
export const problemOf = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  if (error instanceof ConfigurationError) {
    return new Problem('configuration', 'The gateway is not configured correctly; tell its operator.', {
      cause: error,
      reason: error.message,
    });
  }
  return new Problem(
    'internal',
    'Something went wrong in the gateway; try again, and tell its operator the requestId.',
    {
      cause: error,
    },
  );
};
