import { GATE_METRICS, METRICS_NAMESPACE } from '../core/config/metrics.ts';
import { LOG_VALUE_MAX_LENGTH } from '../core/contract/limits.ts';
import type { Step } from './steps.ts';

/** What a request's handling learns on its way, for its log line. Members are set as they become known. */
export type Notes = {
  env?: string;
  route?: string;
  /** Registry id of the issuer, never the token's own words. */
  issuer?: string | null;
  /** As the token says it: unverified. */
  kid?: string | null;
  /** Short hash of the token's `jti`. */
  tokenId?: string | null;
  /** `accepted`, or the exact class of a refused token: one of our own words. */
  tokenClass?: string;
  /** Whether the queue took the ask for an unknown key. */
  keyAsk?: 'sent' | 'failed';
  keyAskError?: string;
  region?: string;
  regionReason?: string;
  uploadId?: string;
  /** Regions in which S3 did not start an upload, and why. */
  failover?: string;
  /** Whether the queue took the "created" event. */
  created?: 'sent' | 'failed';
  createdError?: string;
  registryAgeMs?: number | null;
  policyVersion?: number | null;
};

/** The end of a request. */
export type Outcome = {
  readonly requestId: string;
  readonly method: string;
  /** `null`: sent on to a Region's API, which answers. */
  readonly status: number | null;
  /** Problem code of a refusal. */
  readonly code: string | null;
  /** Exact class of a refusal; never sent to the client. */
  readonly reason: string | null;
  /** Stack of what was thrown, for answers of 500 and above. */
  readonly stack: string | null;
  readonly coldStart: boolean;
  readonly totalMs: number;
  readonly stepsMs: Readonly<Partial<Record<Step, number>>>;
  /** Wall clock, milliseconds since 1970. */
  readonly time: number;
};

const STACK_MAX_LENGTH = 2_000;
const STEP_METRICS: Readonly<Record<Step, string>> = {
  registry: GATE_METRICS.registryTime,
  token: GATE_METRICS.tokenTime,
  choose: GATE_METRICS.chooseTime,
  multipart: GATE_METRICS.multipartTime,
  sign: GATE_METRICS.signTime,
  event: GATE_METRICS.eventTime,
};

/** A value nobody vouches for: printable ASCII, everything else escaped, then cut at 64 characters. */
export const escapeUnverified = (text: string): string =>
  text
    .slice(0, LOG_VALUE_MAX_LENGTH)
    .replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .slice(0, LOG_VALUE_MAX_LENGTH);

type Metric = { readonly Name: string; readonly Unit: 'Count' | 'Milliseconds' };
type Directive = { readonly Namespace: string; readonly Dimensions: readonly string[][]; readonly Metrics: Metric[] };

const count = (name: string): Metric => ({ Name: name, Unit: 'Count' });
const milliseconds = (name: string): Metric => ({ Name: name, Unit: 'Milliseconds' });
const directive = (dimensions: string[], metrics: Metric[]): Directive => ({
  Namespace: METRICS_NAMESPACE,
  Dimensions: [dimensions],
  Metrics: metrics,
});

/** Metrics of one request in CloudWatch's embedded format: the values, and what they are. */
const metricsOf = (notes: Notes, outcome: Outcome) => {
  const values: Record<string, number> = { [GATE_METRICS.time]: outcome.totalMs };
  const general: Metric[] = [];
  const add = (metric: Metric, value: number): void => {
    values[metric.Name] = value;
    general.push(metric);
  };
  for (const [step, ms] of Object.entries(outcome.stepsMs)) add(milliseconds(STEP_METRICS[step as Step]), ms);
  if (notes.created !== undefined) {
    add(count(GATE_METRICS.creates), 1);
    add(count(GATE_METRICS.createdEventFailures), notes.created === 'failed' ? 1 : 0);
  }
  if (outcome.coldStart) add(count(GATE_METRICS.coldStarts), 1);
  if (typeof notes.registryAgeMs === 'number') add(milliseconds(GATE_METRICS.registryAge), notes.registryAgeMs);
  if (typeof notes.policyVersion === 'number') add(count(GATE_METRICS.policyVersion), notes.policyVersion);
  const directives = [directive(['env', 'route'], [milliseconds(GATE_METRICS.time)])];
  if (general.length > 0) directives.push(directive(['env'], general));
  const once = (name: string, ...dimensions: string[]): void => {
    values[name] = 1;
    directives.push(directive(['env', ...dimensions], [count(name)]));
  };
  if (outcome.code !== null) once(GATE_METRICS.refusals, 'code', 'issuer');
  if (notes.tokenClass !== undefined) once(GATE_METRICS.tokens, 'issuer', 'tokenClass');
  if (notes.keyAsk !== undefined) once(GATE_METRICS.keyAsks, 'issuer', 'keyAsk');
  return { values, directives };
};

/**
 * The one log line of a request, JSON with its metrics embedded. Never holds a token, a key, a signature or a query; what only
 * the client says is escaped and cut, and no dimension is taken from it. Source: CloudWatch embedded metric format.
 */
export const logLine = (notes: Notes, outcome: Outcome): string => {
  const { values, directives } = metricsOf(notes, outcome);
  const { kid } = notes;
  return JSON.stringify({
    level: (outcome.status ?? 0) >= 500 ? 'ERROR' : 'INFO',
    timestamp: new Date(outcome.time).toISOString(),
    service: 'gate',
    requestId: outcome.requestId,
    env: notes.env ?? 'unknown',
    route: notes.route ?? 'none',
    method: escapeUnverified(outcome.method),
    status: outcome.status,
    code: outcome.code,
    reason: outcome.reason === null ? null : outcome.reason.slice(0, STACK_MAX_LENGTH),
    issuer: notes.issuer ?? 'unknown',
    kid: kid === undefined || kid === null ? null : escapeUnverified(kid),
    tokenId: notes.tokenId ?? null,
    tokenClass: notes.tokenClass ?? null,
    keyAsk: notes.keyAsk ?? null,
    keyAskError: notes.keyAskError ?? null,
    region: notes.region ?? null,
    regionReason: notes.regionReason ?? null,
    uploadId: notes.uploadId ?? null,
    failover: notes.failover ?? null,
    created: notes.created ?? null,
    createdError: notes.createdError ?? null,
    policyVersion: notes.policyVersion ?? null,
    coldStart: outcome.coldStart,
    stepsMs: outcome.stepsMs,
    ...(outcome.stack === null ? {} : { stack: outcome.stack.slice(0, STACK_MAX_LENGTH) }),
    ...values,
    _aws: { Timestamp: outcome.time, CloudWatchMetrics: directives },
  });
};
