/**
 * Every AWS name of a deployment, once. The CDK app and the local platform call the same functions, so a name can never differ between what is
 * built and what is configured.
 */

/** A deployment of one environment in one account. */
export type Deployment = {
  /** Environment, such as `prod`; `local` on the local platform. */
  readonly env: string;
  /** Twelve digits. */
  readonly account: string;
};

/** A cell: one Region of a deployment. */
export type Cell = Deployment & {
  /** AWS name of the Region, such as `eu-west-1`. */
  readonly region: string;
};

/** Account number of the local platform. */
export const LOCAL_ACCOUNT = '000000000000';

/** Longest environment name that keeps every bucket name within S3's 63 characters. */
export const ENV_NAME = /^[a-z][a-z0-9]{0,11}$/;

/** The regional Lambdas. */
export const ORIGIN_FUNCTIONS = ['api', 'authorizer', 'recorder', 'worker', 'refresher', 'reconciler'] as const;
export type OriginFunction = (typeof ORIGIN_FUNCTIONS)[number];

/** Names of everything in one cell. */
export type CellNames = {
  readonly bucket: string;
  readonly registryBucket: string;
  readonly table: string;
  readonly eventsQueue: string;
  readonly eventsDeadLetterQueue: string;
  readonly workQueue: string;
  readonly workDeadLetterQueue: string;
  readonly refreshQueue: string;
  readonly api: string;
  readonly functions: Readonly<Record<OriginFunction, string>>;
  /** The topic that hears of every alarm. */
  readonly alarmTopic: string;
};

/** Names of a cell's parts. Bucket names carry account and Region because they are global. */
export const cellNames = ({ env, account, region }: Cell): CellNames => {
  const prefix = `nearput-${env}`;
  return {
    bucket: `${prefix}-${account}-${region}`,
    registryBucket: `${prefix}-registry-${account}-${region}`,
    table: `${prefix}-uploads`,
    eventsQueue: `${prefix}-events`,
    eventsDeadLetterQueue: `${prefix}-events-dead`,
    workQueue: `${prefix}-work`,
    workDeadLetterQueue: `${prefix}-work-dead`,
    refreshQueue: `${prefix}-refresh.fifo`,
    api: `${prefix}-api`,
    functions: {
      api: `${prefix}-api`,
      authorizer: `${prefix}-authorizer`,
      recorder: `${prefix}-recorder`,
      worker: `${prefix}-worker`,
      refresher: `${prefix}-refresher`,
      reconciler: `${prefix}-reconciler`,
    },
    alarmTopic: `${prefix}-alarms`,
  };
};

/** Names of the parts that serve all cells. */
export type EdgeNames = {
  readonly gate: string;
  readonly gateLogGroup: string;
  /** The role of whoever publishes and revokes issuers. */
  readonly operatorRole: string;
};

/** Names of the parts in us-east-1 that serve all cells. */
export const edgeNames = ({ env }: Deployment): EdgeNames => ({
  gate: `nearput-${env}-gate`,
  gateLogGroup: `nearput-${env}-gate`,
  operatorRole: `nearput-${env}-operator`,
});

/** Stage of every API; the first segment of its path. */
export const API_STAGE = 'live';

/** The record table: attributes of its key and indexes. */
export const TABLE = {
  partitionKey: 'pk',
  byOwner: { name: 'byOwner', partitionKey: 'ownerShard', sortKey: 'createdId' },
  due: { name: 'due', partitionKey: 'dueShard', sortKey: 'dueAt' },
} as const;

/** Shards of the indexes. */
export const SHARDS = { byOwner: 4, due: 8 } as const;

/** Keys of the registry documents in a registry bucket. */
export const REGISTRY_KEYS = {
  policy: 'registry/policy.json',
  keys: 'registry/keys.json',
  auditPrefix: 'registry/audit/',
} as const;

/** Every object of an upload lies under this prefix. */
export const OBJECT_PREFIX = 'u/';

/** URL of a queue as SQS spells it. */
export const queueUrl = (cell: Cell, queue: string, endpoint = `https://sqs.${cell.region}.amazonaws.com`): string =>
  `${endpoint}/${cell.account}/${queue}`;

/** ARNs of a cell's parts. */
export const arns = {
  bucket: (bucket: string): string => `arn:aws:s3:::${bucket}`,
  objects: (bucket: string, prefix: string): string => `arn:aws:s3:::${bucket}/${prefix}`,
  queue: ({ region, account }: Cell, queue: string): string => `arn:aws:sqs:${region}:${account}:${queue}`,
  table: ({ region, account }: Cell, table: string): string => `arn:aws:dynamodb:${region}:${account}:table/${table}`,
  index: ({ region, account }: Cell, table: string, index: string): string =>
    `arn:aws:dynamodb:${region}:${account}:table/${table}/index/${index}`,
} as const;
