import * as v from 'valibot';
import { URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import { REGION_CODE } from '../contract/text.ts';
import { collectFaults } from './faults.ts';
import { LOCAL_ENV } from './gate.ts';

const Text = v.pipe(v.string(), v.minLength(1));

const OriginRegion = v.strictObject({
  /** AWS's name. */
  name: Text,
  bucket: Text,
  registryBucket: Text,
  table: Text,
  /** Loopback endpoints; need `NEARPUT_ENV=local`. */
  s3: v.optional(Text),
  dynamodb: v.optional(Text),
});
export type OriginRegion = v.InferOutput<typeof OriginRegion>;

const Regions = v.record(v.pipe(v.string(), v.regex(REGION_CODE)), OriginRegion);

/** What every regional Lambda is told. */
export type OriginConfig = {
  readonly env: string;
  /** Code of the own Region. */
  readonly region: string;
  readonly regions: Readonly<Record<string, OriginRegion>>;
  readonly bucket: string;
  readonly registryBucket: string;
  readonly table: string;
  readonly corsOrigins: readonly string[];
  /** Longest URL life in seconds. */
  readonly urlExpiry: number;
  readonly workQueueUrl: string;
  readonly refreshQueueUrl: string;
};

/** The JSON value; `undefined`, which no JSON text means, where it is none: the schema refuses that as it refuses any other value. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads a Lambda's environment, once, at start. Throws `ConfigurationError` with every fault at once. */
export const parseOriginEnv = (env: Readonly<Record<string, string | undefined>>): OriginConfig => {
  const faults = collectFaults("The Lambda's environment");
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') faults.add(name, 'is missing');
    return value;
  };
  const region = text('NEARPUT_REGION');
  const regions = v.safeParse(Regions, parseJson(text('NEARPUT_REGIONS')));
  if (!regions.success) faults.add('NEARPUT_REGIONS', 'must be JSON {code: {name, bucket, registryBucket, table}}');
  else if (regions.output[region] === undefined) faults.add('NEARPUT_REGION', 'must be one of NEARPUT_REGIONS');
  const environment = text('NEARPUT_ENV');
  if (regions.success && environment !== LOCAL_ENV) {
    for (const [code, { s3, dynamodb }] of Object.entries(regions.output)) {
      if (s3 !== undefined || dynamodb !== undefined) {
        faults.add('NEARPUT_REGIONS', `must not name endpoints for ${code} unless NEARPUT_ENV is ${LOCAL_ENV}`);
      }
    }
  }
  const urlExpiry = Number(text('NEARPUT_URL_EXPIRY'));
  const { min, max } = URL_EXPIRY_SECONDS;
  if (!Number.isInteger(urlExpiry) || urlExpiry < min || urlExpiry > max) {
    faults.add('NEARPUT_URL_EXPIRY', `must be a whole number of seconds from ${min} to ${max}`);
  }
  const config: OriginConfig = {
    env: environment,
    region,
    regions: regions.success ? regions.output : {},
    bucket: text('NEARPUT_BUCKET'),
    registryBucket: text('NEARPUT_REGISTRY_BUCKET'),
    table: text('NEARPUT_TABLE'),
    corsOrigins: (env['NEARPUT_CORS_ORIGINS'] ?? '').split(',').filter((origin) => origin !== ''),
    urlExpiry,
    workQueueUrl: text('NEARPUT_WORK_QUEUE_URL'),
    refreshQueueUrl: text('NEARPUT_REFRESH_QUEUE_URL'),
  };
  faults.end();
  return config;
};

/** The environment that `parseOriginEnv` reads back as the same configuration. */
export const formatOriginEnv = (config: OriginConfig): Record<string, string> => ({
  NEARPUT_ENV: config.env,
  NEARPUT_REGION: config.region,
  NEARPUT_REGIONS: JSON.stringify(config.regions),
  NEARPUT_BUCKET: config.bucket,
  NEARPUT_REGISTRY_BUCKET: config.registryBucket,
  NEARPUT_TABLE: config.table,
  NEARPUT_CORS_ORIGINS: config.corsOrigins.join(','),
  NEARPUT_URL_EXPIRY: String(config.urlExpiry),
  NEARPUT_WORK_QUEUE_URL: config.workQueueUrl,
  NEARPUT_REFRESH_QUEUE_URL: config.refreshQueueUrl,
});
