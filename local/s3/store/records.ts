import type { CorsRule, LifecycleRule, NotificationRule } from '../options.ts';

/** The checksum S3 keeps of an object or part, as it stands in `x-amz-checksum-{algorithm}`. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64; of a composite one `-` and the number of parts follow. */
  readonly value: string;
  /** Of the parts' checksums, not of the bytes. */
  readonly composite?: true;
}

export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'crc64nvme', 'sha1', 'sha256'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

/** `x-amz-checksum-type`. */
export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE';

export type Versioning = 'off' | 'enabled' | 'suspended';

export interface BucketRecord {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly versioning: Versioning;
  readonly cors: readonly CorsRule[];
  readonly notifications: readonly NotificationRule[];
  readonly lifecycle: readonly LifecycleRule[];
  /** The bucket policy as it was put; missing: there is none. */
  readonly policy?: string;
}

/** A tag of an object. */
export interface Tag {
  readonly key: string;
  readonly value: string;
}

/** What a writer says of an object besides its bytes. */
export interface Description {
  /** System headers to give back, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Metadata by name without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags?: readonly Tag[];
}

/** A part of a multipart upload, whole and on the disk. */
export interface Part {
  readonly number: number;
  readonly size: number;
  /** Hex MD5, without quotes. */
  readonly etag: string;
  /** Name of the data file. */
  readonly file: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
  /** By the upload's algorithm. */
  readonly checksum: Checksum;
  /** The one that came with the part, where it is another. */
  readonly given?: Checksum;
}

/** A multipart upload that was begun. */
export interface Upload extends Description {
  readonly id: string;
  readonly key: string;
  /** Milliseconds since the epoch, whole seconds: the object's Last-Modified when it is complete. */
  readonly initiatedAt: number;
  /** Where its object will stand among the key's versions. */
  readonly sequencer: string;
  readonly checksum: {
    readonly algorithm: ChecksumAlgorithm;
    readonly type: ChecksumType;
    /** Asked for when the upload was begun. */
    readonly declared: boolean;
  };
  /** Who began it. */
  readonly initiator: string;
}

/** What all versions have. */
interface VersionBase {
  /** `null` (the word) for what was written while versioning was off. */
  readonly versionId: string;
  /** Milliseconds since the epoch, whole seconds. */
  readonly lastModified: number;
  readonly sequencer: string;
}

export interface ObjectVersion extends VersionBase, Description {
  readonly kind: 'object';
  readonly size: number;
  /** Without quotes: hex MD5, or of a multipart object the MD5 of its parts' MD5s, `-` and their number. */
  readonly etag: string;
  /** Name of the data file; null: the bytes are those of the parts. */
  readonly file: string | null;
  readonly checksum: Checksum;
  readonly multipart?: {
    readonly uploadId: string;
    /** Sequencer of the beginning: it decides which version is newest. */
    readonly begunAs: string;
    /** Milliseconds since the epoch. */
    readonly completedAt: number;
    /** In the object's order. */
    readonly parts: readonly Part[];
  };
}

export interface DeleteMarker extends VersionBase {
  readonly kind: 'marker';
}

export type Version = ObjectVersion | DeleteMarker;

export type EventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Post'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'LifecycleExpiration:Delete'
  | 'LifecycleExpiration:DeleteMarkerCreated'
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
  | {
      readonly op: 'tags';
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
      readonly tags: readonly Tag[];
    }
  | { readonly op: 'upload'; readonly bucket: string; readonly upload: Upload }
  | { readonly op: 'part'; readonly bucket: string; readonly uploadId: string; readonly part: Part }
  /** The upload ends; its parts that are not those of a version put by the same line are dropped. */
  | { readonly op: 'end-upload'; readonly bucket: string; readonly uploadId: string }
  /** All bytes of a small data file, in base64. The same line names it. */
  | { readonly op: 'bytes'; readonly file: string; readonly base64: string }
  | { readonly op: 'event'; readonly event: EventRecord }
  /** `at`: milliseconds since the epoch by the machine's clock. */
  | { readonly op: 'sent'; readonly id: string; readonly at: number }
  | { readonly op: 'sequence'; readonly value: string };
