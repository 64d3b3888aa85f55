import { HeadBucketCommand } from '@aws-sdk/client-s3';
import { ORIGIN_METRICS } from '../core/config/metrics.ts';
import type { OriginConfig } from '../core/config/origin.ts';
import { Problem } from '../core/contract/problems.ts';
import { createDynamoClient } from './aws/clients.ts';
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

/** What init may spend on warming connections, in milliseconds. */
const WARM_MS = 1_500;

const telemetry = createPowertools('api');

const bind = (config: OriginConfig) => {
  const { s3, store, objects } = createOwnCell(config);
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
    cells,
    registry,
    telemetry,
    region: config.region,
    regions: Object.keys(config.regions),
    corsOrigins: config.corsOrigins,
    now: wallClock,
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

const notConfigured = (request: Request, error: Error): Response => {
  telemetry.log.error('the environment is not usable', error, {});
  const problem = new Problem('configuration', 'The gateway is not configured correctly; tell its operator.');
  return problemResponse(problem, requestIdOf(request.headers.get('x-request-id')));
};

/** API Gateway's REST proxy events in, its results out. */
export const handler = async (event: ProxyEvent): Promise<ProxyResult> => {
  const request = readProxyEvent(event);
  if (!bound.ok) return writeProxyResult(notConfigured(request, bound.error));
  if (cold) telemetry.measure.count(ORIGIN_METRICS.coldStarts, {});
  cold = false;
  const response = await bound.value.fetch(request);
  const { ageMs } = bound.value.registry.state();
  if (ageMs !== null) telemetry.measure.milliseconds(ORIGIN_METRICS.registryAge, ageMs, {});
  return writeProxyResult(response);
};
