import * as v from 'valibot';
import { RegionCode } from '../contract/fields.ts';
import { CONFIG_HEADER, REGIONS_MAX, URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import { HEADERS } from '../contract/routes.ts';
import { ConfigurationError, collectFaults } from './faults.ts';

const Text = v.pipe(v.string(), v.minLength(1));
const LoopbackUrl = v.pipe(v.string(), v.regex(/^http:\/\/127\.0\.0\.1:\d+$/, 'must be http://127.0.0.1:PORT'));

const GateRegion = v.strictObject({
  /** AWS's name, such as `eu-west-1`. */
  name: Text,
  bucket: Text,
  registryBucket: Text,
  /** Events queue. */
  queueUrl: Text,
  /** FIFO queue that asks the refresher. */
  refreshQueueUrl: Text,
  /** Host name of the Region's API, without scheme and port. */
  apiHost: v.pipe(v.string(), v.regex(/^[a-z0-9.-]+\.[a-z]+$/, 'must be a host name without scheme and port')),
  /** Stage of the API with its slash, such as `/live`. */
  apiPath: v.pipe(v.string(), v.regex(/^\/[\w-]+$/, 'must be a slash and the stage')),
  lat: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  lon: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
  /** Local endpoints; refused outside the local platform. */
  s3: v.optional(LoopbackUrl),
  sqs: v.optional(LoopbackUrl),
});
export type GateRegion = v.InferOutput<typeof GateRegion>;

const GateConfigSchema = v.strictObject({
  v: v.literal(1),
  env: Text,
  defaultRegion: RegionCode,
  regions: v.record(RegionCode, GateRegion),
  corsOrigins: v.array(Text),
  /** Longest URL life in seconds. */
  urlExpiry: v.pipe(v.number(), v.integer(), v.minValue(URL_EXPIRY_SECONDS.min), v.maxValue(URL_EXPIRY_SECONDS.max)),
});

/** Everything the gate is told; it travels as origin custom headers because Lambda@Edge has no environment. */
export type GateConfig = v.InferOutput<typeof GateConfigSchema>;

/** Environment name of the local platform; the only one in which loopback endpoints are taken. */
export const LOCAL_ENV = 'local';

const WHAT = 'The gate configuration in the origin custom headers';

const decode = (pieces: readonly string[]): unknown => {
  try {
    return JSON.parse(pieces.map((piece) => Buffer.from(piece, 'base64url').toString('utf8')).join(''));
  } catch (cause) {
    throw new ConfigurationError(WHAT, [
      { path: HEADERS.config, message: `is not base64url of JSON (${String(cause)})` },
    ]);
  }
};

/** Names of the configuration headers, lower case. */
export const configHeaderNames = (): string[] =>
  Array.from({ length: CONFIG_HEADER.count }, (_, index) => `${HEADERS.config}${index + 1}`);

/**
 * Reads the configuration from origin custom headers (lower-case names). Throws `ConfigurationError` with every fault at once.
 */
export const parseGateConfig = (customHeaders: Readonly<Record<string, string>>): GateConfig => {
  const pieces = configHeaderNames().map((name) => customHeaders[name] ?? '');
  if (pieces.every((piece) => piece === '')) {
    throw new ConfigurationError(WHAT, [{ path: `${HEADERS.config}1`, message: 'is missing' }]);
  }
  const faults = collectFaults(WHAT);
  const result = v.safeParse(GateConfigSchema, decode(pieces));
  if (!result.success) {
    for (const issue of result.issues)
      faults.add(`/${(issue.path ?? []).map(({ key }) => String(key)).join('/')}`, issue.message);
    faults.end();
  }
  const config = result.output as GateConfig;
  const codes = Object.keys(config.regions);
  if (codes.length === 0 || codes.length > REGIONS_MAX) faults.add('/regions', `must name 1 to ${REGIONS_MAX} Regions`);
  if (!codes.includes(config.defaultRegion)) faults.add('/defaultRegion', 'must be one of /regions');
  if (config.env !== LOCAL_ENV) {
    for (const [code, region] of Object.entries(config.regions)) {
      if (region.s3 !== undefined || region.sqs !== undefined) {
        faults.add(`/regions/${code}`, `must not name endpoints unless /env is ${LOCAL_ENV}`);
      }
    }
  }
  faults.end();
  return config;
};

/** Text that base64 turns into one full header. */
const PIECE_MAX_LENGTH = Math.floor((CONFIG_HEADER.maxLength * 3) / 4);

/**
 * The configuration's JSON in as many texts as there are headers to carry them, never cut within a Region, so that each can hold names that are only known when
 * it is deployed. Throws `ConfigurationError` if it does not fit.
 */
export const splitGateConfig = (config: GateConfig): string[] => {
  const { regions, ...rest } = config;
  const entries = Object.entries(regions).map(([code, region]) => `${JSON.stringify(code)}:${JSON.stringify(region)}`);
  const pieces: string[] = [];
  let piece = `${JSON.stringify(rest).slice(0, -1)},"regions":{`;
  for (const [index, entry] of entries.entries()) {
    const text = index === entries.length - 1 ? `${entry}}}` : `${entry},`;
    if (piece.length + text.length > PIECE_MAX_LENGTH) {
      pieces.push(piece);
      piece = '';
    }
    piece += text;
  }
  pieces.push(piece);
  if (pieces.length <= CONFIG_HEADER.count && pieces.every(({ length }) => length <= PIECE_MAX_LENGTH)) return pieces;
  throw new ConfigurationError(WHAT, [
    {
      path: '/regions',
      message: `do not fit into ${CONFIG_HEADER.count} headers; deploy fewer Regions or shorten the names`,
    },
  ]);
};

/** Writes the configuration as origin custom headers. Throws `ConfigurationError` if it does not fit. */
export const formatGateConfig = (config: GateConfig): Record<string, string> => {
  const names = configHeaderNames();
  return Object.fromEntries(
    splitGateConfig(config).map((piece, index) => [
      names[index] ?? '',
      Buffer.from(piece, 'utf8').toString('base64url'),
    ]),
  );
};
