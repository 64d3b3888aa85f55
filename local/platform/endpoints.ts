import type { GateConfig } from '../../core/config/gate.ts';
import { LOCAL_ENV } from '../../core/config/gate.ts';
import { API_STAGE, cellNames, queueUrl } from '../../core/config/names.ts';
import { formatOriginEnv, type OriginRegion } from '../../core/config/origin.ts';
import { URL_EXPIRY_SECONDS } from '../../core/contract/limits.ts';
import { CELLS, DEFAULT_REGION, type LocalCell } from './cells.ts';

/** Where one Region's services listen: `http://127.0.0.1:{port}`. */
export interface CellUrls {
  readonly s3: string;
  readonly sqs: string;
  readonly dynamodb: string;
}

/** By Region code. */
export type Endpoints = Readonly<Record<string, CellUrls>>;

/** Pages that may call the API and the buckets: the front door's own, and the usual ports of development servers. */
export function corsOrigins(edgePort: number): readonly string[] {
  return ['127.0.0.1', 'localhost'].flatMap((host) => [edgePort, 3000, 5173].map((port) => `http://${host}:${port}`));
}

/** What the gate is told, as the deployed one is by its origin's custom headers. */
export function gateConfig(endpoints: Endpoints, edgePort: number): GateConfig {
  return {
    v: 1,
    env: LOCAL_ENV,
    defaultRegion: DEFAULT_REGION,
    corsOrigins: [...corsOrigins(edgePort)],
    urlExpiry: URL_EXPIRY_SECONDS.default,
    regions: Object.fromEntries(CELLS.map((cell) => [cell.code, gateRegion(cell, urlsOf(endpoints, cell))])),
  };
}

function gateRegion(cell: LocalCell, urls: CellUrls): GateConfig['regions'][string] {
  const names = cellNames(cell);
  return {
    name: cell.region,
    bucket: names.bucket,
    registryBucket: names.registryBucket,
    queueUrl: queueUrl(cell, names.eventsQueue, urls.sqs),
    refreshQueueUrl: queueUrl(cell, names.refreshQueue, urls.sqs),
    apiHost: cell.apiHost,
    apiPath: `/${API_STAGE}`,
    lat: cell.lat,
    lon: cell.lon,
    s3: urls.s3,
    sqs: urls.sqs,
  };
}

/** The environment of a regional Lambda: nearput's own variables and the SDK's endpoints. */
export function originEnv(cell: LocalCell, endpoints: Endpoints, edgePort: number): Record<string, string> {
  const names = cellNames(cell);
  const own = urlsOf(endpoints, cell);
  return {
    ...formatOriginEnv({
      env: LOCAL_ENV,
      region: cell.code,
      regions: Object.fromEntries(CELLS.map((other) => [other.code, originRegion(other, urlsOf(endpoints, other))])),
      bucket: names.bucket,
      registryBucket: names.registryBucket,
      table: names.table,
      corsOrigins: [...corsOrigins(edgePort)],
      urlExpiry: URL_EXPIRY_SECONDS.default,
      workQueueUrl: queueUrl(cell, names.workQueue, own.sqs),
      refreshQueueUrl: queueUrl(cell, names.refreshQueue, own.sqs),
    }),
    AWS_ENDPOINT_URL_S3: own.s3,
    AWS_ENDPOINT_URL_SQS: own.sqs,
    AWS_ENDPOINT_URL_DYNAMODB: own.dynamodb,
  };
}

function originRegion(cell: LocalCell, urls: CellUrls): OriginRegion {
  const { bucket, registryBucket, table } = cellNames(cell);
  return { name: cell.region, bucket, registryBucket, table, s3: urls.s3, dynamodb: urls.dynamodb };
}

/** Endpoints of a cell; throws when a service did not say where it listens. */
export function urlsOf(endpoints: Endpoints, cell: LocalCell): CellUrls {
  const urls = endpoints[cell.code];
  if (!urls) throw new Error(`${cell.code} has no endpoints`);
  return urls;
}
