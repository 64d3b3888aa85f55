/**
 * Question: when demand grows fiftyfold within five seconds, from cold, does every caller still get an answer in time,
 * and is everything that was acknowledged really there?
 *
 * Each upload asks for permission, sends its bytes straight to S3, and finalizes. `loadtest/run.ts` reads every
 * acknowledged upload back afterwards.
 */
import { check, sleep } from 'k6';
import { scenario } from 'k6/execution';
import http, { type RefinedResponse } from 'k6/http';
import { Trend } from 'k6/metrics';
import { RESPONSE_TARGET_MS, RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { routePath } from '../../core/contract/routes.ts';
import { contentOf } from './content.ts';
import { rateOf, SHAPES, shapeWith, stagesOf, UNIT_SECONDS } from './shapes.ts';

const ENDPOINT = __ENV['NEARPUT_URL'] ?? 'http://127.0.0.1:8080';
const TOKENS: string[] = JSON.parse(__ENV['NEARPUT_TOKENS'] ?? '[]');
const RUN = __ENV['NEARPUT_RUN'] ?? 'run';
const VIEWER = __ENV['VIEWER'];
const SHAPE = shapeWith(SHAPES.spike, __ENV);
const WITHIN_TARGET = `p(99)<${RESPONSE_TARGET_MS}`;

/** When a request counts as never answered. */
const TIMEOUT = '15s';

/** Answers of 202 that are followed before an upload counts as failed. */
const FINALIZE_TRIES = 10;

const createTime = new Trend('create', true);
const putTime = new Trend('put', true);
const finalizeTime = new Trend('finalize', true);

export const options = {
  scenarios: {
    spike: {
      executor: 'ramping-arrival-rate',
      startRate: rateOf(SHAPE.base),
      timeUnit: `${UNIT_SECONDS}s`,
      stages: stagesOf(SHAPE),
      preAllocatedVUs: Math.ceil(SHAPE.peak * SHAPE.patience),
      maxVUs: Math.ceil(SHAPE.peak * SHAPE.patience),
      gracefulStop: '60s',
    },
  },
  thresholds: {
    create: [WITHIN_TARGET],
    finalize: [WITHIN_TARGET],
    http_req_failed: ['rate==0'],
    dropped_iterations: ['count==0'],
    checks: ['rate==1'],
  },
  summaryTrendStats: ['p(50)', 'p(95)', 'p(99)', 'max', 'count'],
  noCookiesReset: true,
  systemTags: ['status', 'method', 'name', 'scenario', 'error_code', 'expected_response'],
};

/** From the first byte of a connection to the last byte of the answer, in milliseconds. */
const answerTime = ({ timings }: RefinedResponse<'text'>): number =>
  timings.connecting + timings.tls_handshaking + timings.duration;

const explain = (step: string, response: RefinedResponse<'text'>): void => {
  console.error(`${step}: status ${response.status} ${response.error} ${(response.body ?? '').slice(0, 300)}`);
};

const retryAfterSeconds = (response: RefinedResponse<'text'>): number =>
  Number(response.headers['Retry-After'] ?? RETRY_AFTER_SECONDS) || RETRY_AFTER_SECONDS;

/** Finalizes, and asks again after `Retry-After` while the answer is 202; every answer counts by itself. */
const finalize = (id: string, headers: Record<string, string>): RefinedResponse<'text'> => {
  const url = `${ENDPOINT}${routePath('finalizeUpload', id)}`;
  const params = { headers, responseType: 'text' as const, timeout: TIMEOUT, tags: { name: 'finalize' } };
  let response = http.post(url, null, params);
  finalizeTime.add(answerTime(response));
  for (let tries = 1; response.status === 202 && tries < FINALIZE_TRIES; tries += 1) {
    sleep(retryAfterSeconds(response));
    response = http.post(url, null, params);
    finalizeTime.add(answerTime(response));
  }
  return response;
};

/** One upload: create, PUT, finalize; prints the acknowledged id for the audit. */
export default (): void => {
  const owner = scenario.iterationInTest % TOKENS.length;
  const seed = `${RUN}-${scenario.iterationInTest}`;
  const headers: Record<string, string> = { authorization: `Bearer ${TOKENS[owner]}` };
  if (VIEWER !== undefined) headers['x-sim-viewer'] = VIEWER;

  const created = http.post(
    `${ENDPOINT}${routePath('createUpload')}`,
    JSON.stringify({ name: `${seed}.txt`, size: SHAPE.bytes, type: 'text/plain' }),
    {
      headers: { ...headers, 'content-type': 'application/json' },
      responseType: 'text',
      timeout: TIMEOUT,
      tags: { name: 'create' },
    },
  );
  createTime.add(answerTime(created));
  if (!check(created, { 'create answers 201': ({ status }) => status === 201 })) {
    explain('create', created);
    return;
  }
  const { id, put } = JSON.parse(created.body) as { id: string; put: { url: string; headers: Record<string, string> } };

  const stored = http.put(put.url, contentOf(seed, SHAPE.bytes), {
    headers: put.headers,
    responseType: 'text',
    timeout: TIMEOUT,
    tags: { name: 'put' },
  });
  putTime.add(answerTime(stored));
  if (!check(stored, { 'put answers 200': ({ status }) => status === 200 })) {
    explain('put', stored);
    return;
  }

  const finished = finalize(id, headers);
  const acknowledged = check(finished, {
    'finalize answers 200 with state UPLOADED': ({ status, body }) =>
      status === 200 && JSON.parse(body).state === 'UPLOADED',
  });
  if (!acknowledged) {
    explain('finalize', finished);
    return;
  }
  console.log(JSON.stringify({ id, owner, seed, at: Date.now() }));
};

/** Hands the figures to `loadtest/run.ts`, which prints them. */
export const handleSummary = (data: { metrics: unknown }): Record<string, string> => ({
  [__ENV['NEARPUT_SUMMARY'] ?? 'stdout']: JSON.stringify(data.metrics),
});
