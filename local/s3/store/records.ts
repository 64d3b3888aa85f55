import type { CorsRule, NotificationRule } from '../options.ts';

/** The checksum S3 keeps of an object, as it stands in `x-amz-checksum-{algorithm}`. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64. */
  readonly value: string;
}

export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export type Versioning = 'off' | 'enabled' | 'suspended';

export interface BucketRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly versioning: Versioning;
  readonly cors: readonly CorsRule[];
  readonly notifications: readonly NotificationRule[];
}

/** What all versions have. */
interface VersionBase {
  /** `null` (the word) for what was written while versioning was off. */
  readonly versionId: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
  readonly sequencer: string;
}

export interface ObjectVersion extends VersionBase {
  readonly kind: 'object';
  readonly size: number;
  /** Hex MD5, without quotes. */
  readonly etag: string;
  /** Name of the data file. */
  readonly file: string;
  /** System headers to give back, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Metadata by name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly checksum: Checksum;
}

export interface DeleteMarker extends VersionBase {
  readonly kind: 'marker';
}

export type Version = ObjectVersion | DeleteMarker;

export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'TestEvent';

/** An event that is owed to a queue: facts only, the message is written when it is sent. */
export interface EventRecord {
  readonly id: string;
  readonly name: EventName;
  readonly bucket: string;
  /** Of the bucket's notification rule; its queue is looked up when the event is sent. */
  readonly ruleId: string;
  readonly key: string;
  readonly size: number | null;
  readonly etag: string | null;
  readonly versionId: string | null;
  readonly sequencer: string;
  /** Milliseconds since the epoch, by the platform's clock. */
  readonly time: number;
  readonly requestId: string;
  readonly hostId: string;
  readonly principal: string;
  readonly sourceIp: string;
}

/** One fact in the log. Facts written together in one line hold together or not at all. */
export type Entry =
  | { readonly op: 'bucket'; readonly bucket: BucketRecord }
  | { readonly op: 'drop-bucket'; readonly name: string }
  | { readonly op: 'put'; readonly bucket: string; readonly key: string; readonly version: Version }
  | { readonly op: 'remove'; readonly bucket: string; readonly key: string; readonly versionId: string }
  | { readonly op: 'event'; readonly event: EventRecord }
  /** `at`: milliseconds since the epoch by the machine's clock. */
  | { readonly op: 'sent'; readonly id: string; readonly at: number }
  | { readonly op: 'sequence'; readonly value: string };
