import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { type CellNames, OBJECT_PREFIX, TABLE } from '../../core/config/names.ts';
import { BUCKET_LIFECYCLE, bucketCors, REGISTRY_HISTORY_DAYS } from '../../core/config/settings.ts';

const METHODS = { PUT: HttpMethods.PUT, POST: HttpMethods.POST, GET: HttpMethods.GET, HEAD: HttpMethods.HEAD } as const;

const common = {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  encryption: BucketEncryption.S3_MANAGED,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
  versioned: true,
} as const;

/** The bucket that clients upload to. Nothing in its lifecycle can touch a version that a record pins. */
export const uploadsBucket = (scope: Construct, names: CellNames, origins: readonly string[]): Bucket => {
  const cors = bucketCors(origins);
  return new Bucket(scope, 'Uploads', {
    ...common,
    bucketName: names.bucket,
    ...(origins.length === 0
      ? {}
      : {
          cors: [
            {
              allowedMethods: cors.allowedMethods.map((method) => METHODS[method]),
              allowedOrigins: [...cors.allowedOrigins],
              allowedHeaders: cors.allowedHeaders,
              exposedHeaders: cors.exposedHeaders,
              maxAge: cors.maxAgeSeconds,
            },
          ],
        }),
    lifecycleRules: [
      {
        id: 'abort-unfinished-multipart-uploads',
        abortIncompleteMultipartUploadAfter: Duration.days(BUCKET_LIFECYCLE.abortIncompleteMultipartDays),
      },
      { id: 'remove-lone-delete-markers', expiredObjectDeleteMarker: BUCKET_LIFECYCLE.expiredObjectDeleteMarker },
    ],
  });
};

/** Sends every creation and removal under the upload prefix to a queue. Plain CloudFormation: no function of CDK's own takes part. */
export const notifyQueue = (bucket: Bucket, queueArn: string): void => {
  const raw = bucket.node.defaultChild;
  if (!(raw instanceof CfnBucket)) throw new Error('the bucket has no CloudFormation resource');
  const filter = { s3Key: { rules: [{ name: 'prefix', value: OBJECT_PREFIX }] } };
  raw.notificationConfiguration = {
    queueConfigurations: ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'].map((event) => ({
      event,
      queue: queueArn,
      filter,
    })),
  };
};

/** The bucket that holds this Region's copy of the issuer registry, with its history. */
export const registryBucket = (scope: Construct, names: CellNames): Bucket =>
  new Bucket(scope, 'Registry', {
    ...common,
    bucketName: names.registryBucket,
    lifecycleRules: [{ id: 'keep-history', noncurrentVersionExpiration: Duration.days(REGISTRY_HISTORY_DAYS) }],
  });

/** The table of records of this cell; it is not replicated. */
export const recordTable = (scope: Construct, names: CellNames): TableV2 =>
  new TableV2(scope, 'Records', {
    tableName: names.table,
    partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
    billing: Billing.onDemand(),
    deletionProtection: true,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    removalPolicy: RemovalPolicy.RETAIN,
    globalSecondaryIndexes: [TABLE.byOwner, TABLE.due].map((index) => ({
      indexName: index.name,
      partitionKey: { name: index.partitionKey, type: AttributeType.STRING },
      sortKey: { name: index.sortKey, type: AttributeType.STRING },
      projectionType: ProjectionType.ALL,
    })),
  });
