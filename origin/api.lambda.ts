import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { ORIGIN_METRICS } from '../core/config/metrics.ts';
import type { OriginConfig } from '../core/config/origin.ts';
import { Problem } from '../core/contract/problems.ts';
import { HEADERS } from '../core/contract/routes.ts';
import type { RegistrySource } from '../core/identity/registry-source.ts';
import { createAskForKeys } from './aws/ask-for-keys.ts';
import { createDynamoClient, createSqsClient, ownRegion } from './aws/clients.ts';
import { monotonicClock, wallClock } from './aws/clocks.ts';
import { createOriginRegistry } from './aws/origin-registry.ts';
import { createOwnCell } from './aws/own-cell.ts';
import { withConfiguration } from './aws/with-configuration.ts';
import { type ProxyEvent, type ProxyResult, readProxyEvent, writeProxyResult } from './http/api-gateway.ts';
import { createApi } from './http/app.ts';
import { problemResponse } from './http/problem-response.ts';
import { requestIdOf } from './http/request-id.ts';
import { createDynamoStore } from './store/dynamo-store.ts';
import { createPowertools } from './telemetry/powertools.ts';
import { createWorkQueue } from './worker/work-queue.ts';

/** What init may spend on warming connections, in milliseconds. */
const WARM_MS = 1_500;

/** Milliseconds between two figures of the registry's age from one instance. */
const TELL_AGE_EVERY_MS = 30_000;

const telemetry = createPowertools('api');

const bind = (config: OriginConfig) => {
  const { s3, store, objects, parts } = createOwnCell(config);
  const sqs = createSqsClient(ownRegion(config));
  const registry = createOriginRegistry(config, s3);
  const cells = new Map(
    Object.entries(config.regions).map(([code, region]) => [
      code,
      code === config.region ? store : createDynamoStore({ client: createDynamoClient(region), table: region.table }),
    ]),
  );
  const fetch = createApi({
    store,
    objects,
    parts,
    work: createWorkQueue({ client: sqs, queueUrl: config.workQueueUrl }),
    cells,
    registry,
    askForKeys: createAskForKeys({
      client: sqs,
      queueUrl: config.refreshQueueUrl,
      now: wallClock,
      telemetry,
    }),
    telemetry,
    region: config.region,
    regions: Object.keys(config.regions),
    corsOrigins: config.corsOrigins,
    now: wallClock,
    pause: (milliseconds) => pause(milliseconds),
    newToken: randomUUID,
    monotonic: monotonicClock,
  });
  const warm = async (): Promise<void> => {
    const signal = AbortSignal.timeout(WARM_MS);
    const results = await Promise.allSettled([
      registry.warm(),
      store.get('warm', 'warm', { signal }),
      s3.send(new HeadBucketCommand({ Bucket: config.bucket }), { abortSignal: signal }),
    ]);
    for (const result of results) {
      if (result.status === 'rejected') telemetry.log.warn('not warmed', { reason: String(result.reason) });
    }
  };
  return { fetch, registry, warm };
};

const bound = withConfiguration(process.env, bind);
if (bound.ok) await bound.value.warm();

let cold = true;
let ageToldMs = Number.NEGATIVE_INFINITY;

/** The registry's age, told now and then: a line for every request would say little more. */
const tellAge = (registry: RegistrySource): void => {
  const { ageMs, policyVersion } = registry.state();
  if (ageMs === null || wallClock() - ageToldMs < TELL_AGE_EVERY_MS) return;
  ageToldMs = wallClock();
  telemetry.measure.milliseconds(ORIGIN_METRICS.registryAge, ageMs, {});
  telemetry.measure.number(ORIGIN_METRICS.policyVersion, policyVersion ?? 0, {});
};

const notConfigured = (request: Request, error: Error): Response => {
  telemetry.log.error('the environment is not usable', error, {});
  const problem = new Problem('configuration', 'The gateway is not configured correctly; tell its operator.');
  const requestId = requestIdOf(request.headers.get(HEADERS.requestId));
  const response = problemResponse(problem, requestId);
  response.headers.set(HEADERS.requestId, requestId);
  response.headers.set('cache-control', 'no-store');
  return response;
};

/** API Gateway's REST proxy events in, its results out. */
export const handler = async (event: ProxyEvent): Promise<ProxyResult> => {
  const request = readProxyEvent(event);
  if (!bound.ok) return writeProxyResult(notConfigured(request, bound.error));
  if (cold) telemetry.measure.count(ORIGIN_METRICS.coldStarts, {});
  cold = false;
  const response = await bound.value.fetch(request);
  tellAge(bound.value.registry);
  telemetry.publish();
  return writeProxyResult(response);
};
