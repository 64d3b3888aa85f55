import {
  DeleteBucketPolicyCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { type Cell, cellNames, queueUrl } from '../../../core/config/names.ts';
import type { KeysAskedEvent } from '../../../core/contract/events.ts';
import type { RegistryRegion } from '../registry/region.ts';
import { createS3Store } from '../store/s3-store.ts';
import type { UploadsBucket } from './deployment.ts';

/** Where a Region's services are and who asks them; without endpoints those of AWS, without credentials the SDK's own search for them. */
export type RegionAccess = {
  readonly code: string;
  readonly cell: Cell;
  readonly signal: AbortSignal;
  readonly s3?: string;
  readonly sqs?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
};

/** A Region that does not answer must not keep the others waiting; milliseconds. */
const CONNECT_MS = 2_000;
const ANSWER_MS = 5_000;
const ATTEMPTS = 2;

const common = ({ cell, credentials }: RegionAccess) => ({
  region: cell.region,
  maxAttempts: ATTEMPTS,
  requestHandler: new NodeHttpHandler({
    connectionTimeout: CONNECT_MS,
    requestTimeout: ANSWER_MS,
    throwOnRequestTimeout: true,
  }),
  ...(credentials === undefined ? {} : { credentials }),
});

const s3ClientOf = (access: RegionAccess): S3Client =>
  new S3Client({
    ...common(access),
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...(access.s3 === undefined ? {} : { endpoint: access.s3, forcePathStyle: true }),
  });

const sqsClientOf = (access: RegionAccess): SQSClient =>
  new SQSClient({ ...common(access), ...(access.sqs === undefined ? {} : { endpoint: access.sqs }) });

const isNoSuchPolicy = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchBucketPolicy';

const uploadsBucket = (client: S3Client, bucket: string, abortSignal: AbortSignal): UploadsBucket => ({
  bucket,
  readPolicy: async () => {
    try {
      const { Policy } = await client.send(new GetBucketPolicyCommand({ Bucket: bucket }), { abortSignal });
      return Policy ?? null;
    } catch (error) {
      if (isNoSuchPolicy(error)) return null;
      throw error;
    }
  },
  writePolicy: async (policy) => {
    if (policy === null) await client.send(new DeleteBucketPolicyCommand({ Bucket: bucket }), { abortSignal });
    else await client.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }), { abortSignal });
  },
});

export type OpenRegion = {
  readonly region: RegistryRegion;
  readonly uploads: UploadsBucket;
  readonly close: () => void;
};

/** Opens one Region: its registry bucket, its refresher's queue, its uploads. */
export const openRegion = (access: RegionAccess): OpenRegion => {
  const { code, cell, signal } = access;
  const names = cellNames(cell);
  const s3 = s3ClientOf(access);
  const sqs = sqsClientOf(access);
  const refreshQueueUrl = queueUrl(cell, names.refreshQueue, access.sqs);
  return {
    region: {
      code,
      name: cell.region,
      bucket: names.registryBucket,
      store: createS3Store({ client: s3, bucket: names.registryBucket, signal }),
      askRefresher: async (policyVersion) => {
        const event: KeysAskedEvent = { v: 1, type: 'keys.asked' };
        const command = new SendMessageCommand({
          QueueUrl: refreshQueueUrl,
          MessageBody: JSON.stringify(event),
          MessageGroupId: 'registry',
          MessageDeduplicationId: `policy-${policyVersion}`,
        });
        await sqs.send(command, { abortSignal: signal });
      },
    },
    uploads: uploadsBucket(s3, names.bucket, signal),
    close: () => {
      s3.destroy();
      sqs.destroy();
    },
  };
};
