import { lookup } from 'node:dns/promises';
import { LOCAL_ENV } from '../core/config/gate.ts';
import { parseOriginEnv } from '../core/config/origin.ts';
import { FUNCTIONS } from '../core/config/settings.ts';
import { createS3Client, ownRegion, regionOrder } from './aws/clients.ts';
import { wallClock } from './aws/clocks.ts';
import { createFetchKeySet } from './refresher/fetch-key-set.ts';
import { readWanted } from './refresher/read-wanted.ts';
import { createRefresh } from './refresher/refresh.ts';
import { createRegistryBucket, type RegistryBucket } from './refresher/registry-bucket.ts';
import { createPowertools } from './telemetry/powertools.ts';

/** Left for ending in order, in milliseconds. */
const RESERVE_MS = 1_000;

const telemetry = createPowertools('refresher');
const config = parseOriginEnv(process.env);

const bucketOf = (code: string): RegistryBucket[] => {
  const region = config.regions[code];
  if (region === undefined) return [];
  return [createRegistryBucket({ client: createS3Client(config, region), bucket: region.registryBucket })];
};

const refresh = createRefresh({
  own: createRegistryBucket({
    client: createS3Client(config, { name: ownRegion(config).name }),
    bucket: config.registryBucket,
  }),
  others: new Map(
    regionOrder(config)
      .filter((code) => code !== config.region)
      .flatMap((code) => bucketOf(code).map((bucket) => [code, bucket] as const)),
  ),
  fetchKeySet: createFetchKeySet({
    resolve: (hostname) => lookup(hostname, { all: true, verbatim: true }),
    allowLoopback: config.env === LOCAL_ENV,
  }),
  now: wallClock,
  random: Math.random,
  telemetry,
});

/** By schedule, at start or asked by queue, for all issuers or for those a message names. Throws if it could not, so that a message comes again. */
export const handler = async (event: unknown): Promise<{ readonly batchItemFailures: readonly [] }> => {
  try {
    await refresh(AbortSignal.timeout(FUNCTIONS.refresher.timeoutSeconds * 1_000 - RESERVE_MS), readWanted(event));
    return { batchItemFailures: [] };
  } finally {
    telemetry.publish();
  }
};
