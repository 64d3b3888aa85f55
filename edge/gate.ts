import { REQUEST_BUDGET_MS } from '../core/contract/limits.ts';
import type { Problem } from '../core/contract/problems.ts';
import { HEADERS } from '../core/contract/routes.ts';
import { startBudget } from './budget.ts';
import type { RouteDeps } from './call.ts';
import { corsHeaders } from './cors.ts';
import { dispatch } from './dispatch.ts';
import { logLine, type Notes } from './log.ts';
import type { GateAnswer, GateRequest, GateResponse } from './request.ts';
import { problemOf, respondProblem } from './respond.ts';
import { createRuntimes, type Runtime } from './runtime.ts';
import { type Steps, serverTiming, startSteps } from './steps.ts';

export type GateDeps = RouteDeps & {
  /** Milliseconds on a clock that only goes forward. */
  readonly monotonic: () => number;
  /** Takes one log line. */
  readonly log: (line: string) => void;
};

export type Gate = {
  /** Answers a request; `customHeaders` are the origin's, lower-case names. Never rejects. */
  handle(request: GateRequest, customHeaders: Readonly<Record<string, string>>): Promise<GateAnswer>;
  /** The answer to an event that could not even be read. */
  refuse(error: unknown, requestId: string): GateResponse;
};

/** Refusals that must look alike whoever asks show no times. */
const UNTIMED: ReadonlySet<number> = new Set([401, 404]);

/** What every answer of the gate carries. */
const complete = (answer: GateResponse, request: GateRequest, runtime: Runtime | null, steps: Steps): GateResponse => ({
  ...answer,
  headers: {
    ...(runtime === null ? {} : corsHeaders(request, runtime.corsOrigins)),
    ...answer.headers,
    ...(UNTIMED.has(answer.status) ? {} : { 'server-timing': serverTiming(steps) }),
    [HEADERS.requestId]: request.requestId,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  },
  body: request.method === 'HEAD' ? '' : answer.body,
});

const stackOf = (problem: Problem): string | null => {
  if (problem.status < 500) return null;
  const { cause } = problem;
  return (cause instanceof Error ? cause.stack : problem.stack) ?? null;
};

/** The gate: one request in, one answer or one request for a Region out, one log line each. */
export const createGate = (deps: GateDeps): Gate => {
  const runtimes = createRuntimes(deps);
  const answerTo = dispatch(deps);
  let coldStart = true;

  const record = (
    request: Pick<GateRequest, 'requestId' | 'method'>,
    notes: Notes,
    steps: Steps,
    status: number | null,
    problem: Problem | null,
  ): void => {
    deps.log(
      logLine(notes, {
        requestId: request.requestId,
        method: request.method,
        status,
        code: problem?.code ?? null,
        reason: problem?.reason ?? null,
        stack: problem === null ? null : stackOf(problem),
        coldStart,
        totalMs: steps.total(),
        stepsMs: steps.durations(),
        time: deps.now(),
      }),
    );
    coldStart = false;
  };

  return {
    handle: async (request, customHeaders) => {
      const steps = startSteps(deps.monotonic);
      const budget = startBudget(REQUEST_BUDGET_MS, deps.monotonic);
      const notes: Notes = {};
      let runtime: Runtime | null = null;
      try {
        runtime = runtimes(customHeaders);
        notes.env = runtime.config.env;
        const answer = await answerTo({ request, runtime, budget, steps, notes });
        record(request, notes, steps, answer.kind === 'respond' ? answer.status : null, null);
        return answer.kind === 'respond' ? complete(answer, request, runtime, steps) : answer;
      } catch (error) {
        const problem = problemOf(error);
        record(request, notes, steps, problem.status, problem);
        return complete(respondProblem(problem, request.requestId), request, runtime, steps);
      }
    },
    refuse: (error, requestId) => {
      const steps = startSteps(deps.monotonic);
      const problem = problemOf(error);
      record({ requestId, method: 'unknown' }, {}, steps, problem.status, problem);
      const answer = respondProblem(problem, requestId);
      return {
        ...answer,
        headers: { ...answer.headers, [HEADERS.requestId]: requestId, 'cache-control': 'no-store' },
      };
    },
  };
};
