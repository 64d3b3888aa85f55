import { CONFIG_HEADER, REGIONS_MAX, URL_EXPIRY_SECONDS } from '../contract/limits.ts';
import { HEADERS } from '../contract/routes.ts';
import { faultsOfShape, is, list, matches, object, oneOf, record, whole, within } from '../contract/shape.ts';
import { REGION_CODE } from '../contract/text.ts';
import { ConfigurationError, collectFaults } from './faults.ts';

/** One Region as the gate knows it. */
export type GateRegion = {
  /** AWS's name, such as `eu-west-1`. */
  readonly name: string;
  readonly bucket: string;
  readonly registryBucket: string;
  /** Events queue. */
  readonly queueUrl: string;
  /** FIFO queue that asks the refresher. */
  readonly refreshQueueUrl: string;
  /** Host name of the Region's API, without scheme and port. */
  readonly apiHost: string;
  /** Stage of the API with its slash, such as `/live`. */
  readonly apiPath: string;
  /** Degrees. */
  readonly lat: number;
  readonly lon: number;
  /** Local endpoints; refused outside the local platform. */
  readonly s3?: string | undefined;
  readonly sqs?: string | undefined;
};

/** Everything the gate is told; it travels as origin custom headers because Lambda@Edge has no environment. */
export type GateConfig = {
  readonly v: 1;
  readonly env: string;
  readonly defaultRegion: string;
  /** By code. */
  readonly regions: Readonly<Record<string, GateRegion>>;
  readonly corsOrigins: readonly string[];
  /** Longest URL life in seconds. */
  readonly urlExpiry: number;
};

const filled = is((value) => typeof value === 'string' && value !== '');
const code = matches(REGION_CODE, 'must be a Region code, such as euw1');
const loopbackUrl = matches(/^http:\/\/127\.0\.0\.1:\d+$/, 'must be http://127.0.0.1:PORT');

const REGION_SHAPE = object(
  {
    name: filled,
    bucket: filled,
    registryBucket: filled,
    queueUrl: filled,
    refreshQueueUrl: filled,
    apiHost: matches(/^[a-z0-9.-]+\.[a-z]+$/, 'must be a host name without scheme and port'),
    apiPath: matches(/^\/[\w-]+$/, 'must be a slash and the stage'),
    lat: within(-90, 90),
    lon: within(-180, 180),
  },
  { optional: { s3: loopbackUrl, sqs: loopbackUrl } },
);

const CONFIG_SHAPE = object({
  v: oneOf([1]),
  env: filled,
  defaultRegion: code,
  regions: record(code, REGION_SHAPE),
  corsOrigins: list(filled),
  urlExpiry: whole(URL_EXPIRY_SECONDS.min, URL_EXPIRY_SECONDS.max),
});

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
  const value = decode(pieces);
  for (const { path, message } of faultsOfShape(CONFIG_SHAPE, value)) faults.add(path, message);
  faults.end();
  const config = value as GateConfig;
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
