import { PROBLEMS, type ProblemBody } from '../core/contract/problems.ts';
import { ConnectionError, NearputError, UnexpectedAnswerError } from './errors.ts';
import { backoffMs, remedyFor } from './retry.ts';
import { sleep } from './sleep.ts';
import type { Transport, TransportAnswer } from './transport.ts';

export type Call = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path with query, from `/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Repetitions after the first attempt, instead of the caller's. */
  readonly retries?: number;
  /** How long a call that finds no connection is repeated at least, in milliseconds; 0 unless said. */
  readonly patienceMs?: number;
};

export type CallDeps = {
  /** Origin of the gateway, such as `https://uploads.example`. */
  readonly endpoint: string;
  /** Bearer token, asked for anew with every request so that it can be refreshed. */
  readonly token: () => string | Promise<string>;
  readonly transport: Transport;
  readonly random: () => number;
  readonly now: () => number;
  /** Repetitions after the first attempt. */
  readonly retries: number;
  readonly idleTimeoutMs: number;
  /** Headers added to every request. */
  readonly headers: Readonly<Record<string, string>>;
};

export type CallAnswer = { readonly status: number; readonly body: unknown; readonly retryAfterMs: number };

const parseJson = (text: string): unknown => {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

const isProblem = (value: unknown): value is ProblemBody =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'string' &&
  value.code in PROBLEMS;

/** `Retry-After` in milliseconds; only its form in seconds is read. */
export const retryAfterMsOf = (answer: TransportAnswer): number => {
  const seconds = Number(answer.headers['retry-after'] ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
};

const sendOnce = async (deps: CallDeps, call: Call): Promise<TransportAnswer> =>
  deps.transport.send({
    method: call.method,
    url: `${deps.endpoint}${call.path}`,
    headers: {
      ...deps.headers,
      ...call.headers,
      authorization: `Bearer ${await deps.token()}`,
      ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    idleTimeoutMs: deps.idleTimeoutMs,
    signal: call.signal,
  });

const attempt = async (
  deps: CallDeps,
  call: Call,
): Promise<{ answer: CallAnswer } | { error: unknown; retryAfterMs: number }> => {
  try {
    const answer = await sendOnce(deps, call);
    const body = parseJson(answer.body);
    const retryAfterMs = retryAfterMsOf(answer);
    if (answer.status < 400) return { answer: { status: answer.status, body, retryAfterMs } };
    const error = isProblem(body) ? new NearputError(body) : new UnexpectedAnswerError(answer.status, call.path);
    return { error, retryAfterMs };
  } catch (error) {
    return { error, retryAfterMs: 0 };
  }
};

/** Shortest wait beyond the repetitions: a line that is gone answers at once. */
const NO_LINE_MS = 250;

/** Makes one call to the gateway, again and again while the cause of a failure may pass. Throws the last error. */
export const createCaller =
  (deps: CallDeps) =>
  async (call: Call): Promise<CallAnswer> => {
    const { retries = deps.retries, patienceMs = 0 } = call;
    const startedAt = deps.now();
    for (let tries = 1; ; tries++) {
      call.signal?.throwIfAborted();
      const result = await attempt(deps, call);
      if ('answer' in result) return result.answer;
      const { error } = result;
      const patient = error instanceof ConnectionError && deps.now() - startedAt < patienceMs;
      if ((tries > retries && !patient) || remedyFor(error) !== 'again') throw error;
      const leastMs = Math.max(tries > retries ? NO_LINE_MS : 0, result.retryAfterMs);
      await sleep(backoffMs(tries, deps.random, leastMs), call.signal);
    }
  };
