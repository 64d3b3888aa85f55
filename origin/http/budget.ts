import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import { isUpstreamFault } from '../aws/upstream-fault.ts';

/** The time one request may still spend on calls, and where it went. */
export type Budget = {
  /** Milliseconds left; never below 0. */
  remaining(): number;
  /**
   * Runs one step. Past the budget, and for an AWS service that fails by its own fault, it throws `upstream_unavailable`; it never waits
   * longer than the budget, even for work that ignores its signal.
   */
  run<Result>(step: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** Milliseconds by step, in order of first use. */
  steps(): ReadonlyMap<string, number>;
  /** A part of this budget that ends `keepMs` before it, and `atMostMs` from now at the latest; its steps count here too. */
  part(limits: { readonly keepMs?: number; readonly atMostMs?: number }): Budget;
};

/** Timers may fire a moment early. */
const SPENT_BELOW_MS = 3;

/** Whether a step failed because a budget had come to its end, not because a service failed. */
export const isSpent = (budget: Budget, error: unknown): boolean =>
  budget.remaining() < SPENT_BELOW_MS && isUnavailable(error);

/** Whether an error says that a service behind the gateway did not answer, or not well. */
export const isUnavailable = (error: unknown): boolean =>
  error instanceof Problem && error.code === 'upstream_unavailable';

/** What the gate says is left for a forwarded request; it can only shorten our own limit. `undefined`: nothing useful was said. */
export const readBudgetHeader = (value: string | null): number | undefined =>
  value !== null && /^\d{1,5}$/.test(value) ? Number(value) : undefined;

const unavailable = (reason: string, cause?: unknown): Problem =>
  new Problem('upstream_unavailable', 'A service behind the gateway did not answer in time; send the request again.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    reason,
    cause,
  });

const createPart = (now: () => number, end: number, spent: Map<string, number>): Budget => {
  const remaining = (): number => Math.max(0, Math.floor(end - now()));

  return {
    remaining,
    run: async (step, work) => {
      const left = remaining();
      if (left < 1) throw unavailable(`${step}: no time left`);
      const startedAt = now();
      const controller = new AbortController();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          reject(unavailable(`${step}: no answer within ${left} ms`));
          controller.abort();
        }, left);
      });
      try {
        return await Promise.race([work(controller.signal), late]);
      } catch (error) {
        if (error instanceof Problem || !isUpstreamFault(error)) throw error;
        throw unavailable(`${step}: ${error instanceof Error ? error.name : 'failed'}`, error);
      } finally {
        clearTimeout(timer);
        spent.set(step, (spent.get(step) ?? 0) + now() - startedAt);
      }
    },
    steps: () => spent,
    part: ({ keepMs = 0, atMostMs = Number.POSITIVE_INFINITY }) =>
      createPart(now, Math.min(end - keepMs, now() + atMostMs), spent),
  };
};

/** A budget of `totalMs` that starts now. `now` is monotonic, in milliseconds. */
export const createBudget = (deps: { readonly now: () => number; readonly totalMs: number }): Budget =>
  createPart(deps.now, deps.now() + deps.totalMs, new Map());
