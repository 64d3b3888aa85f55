import { EDGE } from '../contract/limits.ts';

/** Deployment settings that the CDK app and the local platform share. Times in seconds, memory in MB unless the name says otherwise. */

/** CORS of an uploads bucket for the configured origins. */
export const bucketCors = (origins: readonly string[]) => ({
  allowedMethods: ['PUT', 'POST', 'GET', 'HEAD'] as const,
  allowedOrigins: origins,
  allowedHeaders: ['*'],
  exposedHeaders: ['ETag', 'x-amz-version-id', 'x-amz-request-id', 'x-amz-checksum-sha256', 'x-amz-checksum-crc64nvme'],
  maxAgeSeconds: 3_600,
});

/** Lifecycle of an uploads bucket, in days: nothing here can touch a version that a record pins. */
export const BUCKET_LIFECYCLE = { abortIncompleteMultipartDays: 8, expiredObjectDeleteMarker: true } as const;

/** Queues. Visibility is six times the consumer's timeout, as AWS advises. */
export const QUEUES = {
  events: { visibilitySeconds: 180, maxReceiveCount: 5, retentionSeconds: 1_209_600 },
  work: { visibilitySeconds: 1_800, maxReceiveCount: 5, retentionSeconds: 1_209_600 },
  refresh: { visibilitySeconds: 60, retentionSeconds: 3_600 },
} as const;

/**
 * Event source mappings. The recorder takes what comes within a second together: events are hints that nobody waits for, both events of an
 * upload then cost one read, and a spike costs a few invocations instead of thousands.
 */
export const EVENT_SOURCES = {
  recorder: { batchSize: 100, windowSeconds: 1, maxConcurrency: 10 },
  worker: { batchSize: 1, windowSeconds: 0, maxConcurrency: 10 },
  refresher: { batchSize: 1, windowSeconds: 0, maxConcurrency: 2 },
} as const;

/** Lambdas. */
export const FUNCTIONS = {
  gate: { memoryMb: EDGE.memoryMb, timeoutSeconds: 10 },
  api: { memoryMb: 1_024, timeoutSeconds: 10 },
  authorizer: { memoryMb: 512, timeoutSeconds: 5 },
  recorder: { memoryMb: 512, timeoutSeconds: 30 },
  worker: { memoryMb: 1_024, timeoutSeconds: 300 },
  refresher: { memoryMb: 512, timeoutSeconds: 10 },
  reconciler: { memoryMb: 512, timeoutSeconds: 60 },
} as const;

/** Schedules. */
export const SCHEDULES = { refresher: { everySeconds: 60 }, reconciler: { everySeconds: 60 } } as const;

/** Days a noncurrent registry document is kept for rollback and audit. */
export const REGISTRY_HISTORY_DAYS = 365;
