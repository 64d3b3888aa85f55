import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { LOCAL_ENV } from '../../core/config/gate.ts';
import type { OriginConfig, OriginRegion } from '../../core/config/origin.ts';

/** One try of one call, in milliseconds: a second one still fits a request's budget, which ends both sooner if it must. */
const TRY_MS = { connect: 400, request: 800 } as const;

/** A dead kept-alive socket after a thaw, or one lost packet, is tried again; more would not fit the budget. */
const MAX_ATTEMPTS = 3;

const MAX_SOCKETS = 50;

/** S3 may take minutes to put an object together; whoever waits ends the wait, in milliseconds. */
const COMPLETE_MS = 65_000;

const httpHandler = (requestMs: number = TRY_MS.request): NodeHttpHandler =>
  new NodeHttpHandler({
    connectionTimeout: TRY_MS.connect,
    requestTimeout: requestMs,
    // Without it the SDK only warns and waits on.
    throwOnRequestTimeout: true,
    httpAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
    httpsAgent: { keepAlive: true, maxSockets: MAX_SOCKETS },
  });

/**
 * An S3 client for one Region. Checksums only where they are required: a default CRC32 would be the one of an empty body in presigned links.
 * Without `endpoint` the SDK's own setting counts.
 */
export const createS3Client = (
  config: OriginConfig,
  region: Pick<OriginRegion, 'name' | 's3'>,
  tries: { readonly attempts: number; readonly requestMs: number } = {
    attempts: MAX_ATTEMPTS,
    requestMs: TRY_MS.request,
  },
): S3Client =>
  new S3Client({
    region: region.name,
    requestHandler: httpHandler(tries.requestMs),
    maxAttempts: tries.attempts,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: false,
    forcePathStyle: config.env === LOCAL_ENV,
    ...(region.s3 === undefined ? {} : { endpoint: region.s3 }),
  });

/** The client that completes multipart uploads: one try, as long as somebody waits. What came of a lost one is asked by HEAD, never by trying again blindly. */
export const createCompleter = (config: OriginConfig, region: Pick<OriginRegion, 'name' | 's3'>): S3Client =>
  createS3Client(config, region, { attempts: 1, requestMs: COMPLETE_MS });

/** A DynamoDB client for one Region. */
export const createDynamoClient = (region: Pick<OriginRegion, 'name' | 'dynamodb'>): DynamoDBClient =>
  new DynamoDBClient({
    region: region.name,
    requestHandler: httpHandler(),
    maxAttempts: MAX_ATTEMPTS,
    ...(region.dynamodb === undefined ? {} : { endpoint: region.dynamodb }),
  });

/** An SQS client for the own Region. */
export const createSqsClient = (region: Pick<OriginRegion, 'name'>): SQSClient =>
  new SQSClient({ region: region.name, requestHandler: httpHandler(), maxAttempts: MAX_ATTEMPTS });

/** The own Region of a configuration. */
export const ownRegion = (config: OriginConfig): OriginRegion => {
  const region = config.regions[config.region];
  if (region === undefined) throw new Error('a parsed configuration names its own Region');
  return region;
};

/** Region codes, the own first, the others in the order they are configured. */
export const regionOrder = (config: OriginConfig): readonly string[] => [
  config.region,
  ...Object.keys(config.regions).filter((code) => code !== config.region),
];
