import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { Problem } from '../../core/contract/problems.ts';
import { HEADERS } from '../../core/contract/routes.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CallerNotes } from './authenticate.ts';
import type { Budget } from './budget.ts';
import { corsHeaders } from './cors.ts';

/** What the log line of one request tells, filled in while it is answered. */
export type RequestNotes = CallerNotes & {
  readonly requestId: string;
  readonly region: string;
  route: string;
  problem?: Problem;
};

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;

const stepsOf = (budget: Budget): Readonly<Record<string, number>> =>
  Object.fromEntries([...budget.steps()].map(([step, milliseconds]) => [step, rounded(milliseconds)]));

/** Where the time went (W3C Server-Timing); not on answers that must look alike for everybody. */
const serverTiming = (budget: Budget, ms: number): string =>
  [...Object.entries(stepsOf(budget)), ['total', rounded(ms)] as const]
    .map(([step, milliseconds]) => `${step};dur=${milliseconds}`)
    .join(', ');

/** The answer with the headers every answer has. */
export const finishResponse = (
  response: Response,
  input: {
    readonly requestId: string;
    readonly origin: string | null;
    readonly corsOrigins: readonly string[];
    readonly budget: Budget;
    readonly ms: number;
  },
): Response => {
  const headers = new Headers(response.headers);
  headers.set(HEADERS.requestId, input.requestId);
  headers.set('cache-control', 'no-store');
  headers.set('x-content-type-options', 'nosniff');
  for (const [name, value] of Object.entries(corsHeaders(input.origin, input.corsOrigins))) headers.set(name, value);
  if (response.status !== 401 && response.status !== 404) {
    headers.set('server-timing', serverTiming(input.budget, input.ms));
  }
  return new Response(response.body, { status: response.status, headers });
};

/** One log line for one request: 5xx with the stack; and its metrics. */
export const reportRequest = (
  { log, measure }: Telemetry,
  notes: RequestNotes,
  status: number,
  budget: Budget,
  ms: number,
): void => {
  const { requestId, route, region, issuer, kid, tokenId, problem } = notes;
  const fields = {
    requestId,
    route,
    status,
    code: problem?.code ?? null,
    refusal: problem?.reason ?? null,
    issuer: issuer ?? null,
    kid: kid ?? null,
    tokenId: tokenId ?? null,
    region,
    ms: rounded(ms),
    steps: stepsOf(budget),
  };
  if (status >= 500) log.error('request', problem?.cause ?? problem, fields);
  else log.info('request', fields);
  measure.milliseconds(ORIGIN_METRICS.time, ms, { route });
  if (problem !== undefined) {
    measure.count(ORIGIN_METRICS.refusals, { code: problem.code, issuer: issuer ?? 'unknown' });
  }
};
