import { PROBLEM_MEDIA_TYPE, Problem, problemBody } from '../../core/contract/problems.ts';

/** The problem of whatever was thrown; a programming fault tells the caller nothing. */
export const problemOf = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem('internal', 'The request could not be answered; tell the operator its requestId.', { cause: error });

/** A problem as an answer (RFC 9457). */
export const problemResponse = (problem: Problem, requestId: string): Response =>
  new Response(JSON.stringify(problemBody(problem.code, problem.detail, requestId, problem.errors)), {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': PROBLEM_MEDIA_TYPE },
  });
