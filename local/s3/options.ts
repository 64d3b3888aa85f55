import type { Credential } from '../support/credentials.ts';
import type { SessionRoles } from '../support/role-sessions.ts';
import type { FaultRule } from './http/faults.ts';
import type { ZeroParts } from './store/zero-parts.ts';

/** One CORS rule of a bucket, as S3 keeps it. At most one `*` in an origin or header. */
export interface CorsRule {
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposedHeaders: readonly string[];
  readonly maxAgeSeconds: number | null;
}

/** Where a bucket tells of its objects. */
export interface NotificationRule {
  /** Configuration id, as it stands in the events. */
  readonly id: string;
  /** `http://host/account/name`; messages go to its host. */
  readonly queueUrl: string;
  /** Such as `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete`. */
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

/** One lifecycle rule of a bucket, by days; null: never. Source: Amazon S3 user guide, "Lifecycle configuration elements". */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  /** Of the keys it is for. */
  readonly prefix: string;
  /** After a multipart upload was begun. */
  readonly abortIncompleteDays: number | null;
  /** After the current version was made; it is then deleted. */
  readonly expirationDays: number | null;
  /** After a version stopped being the current one; it is then removed for good. */
  readonly noncurrentDays: number | null;
  /** Removes delete markers that have nothing under them. */
  readonly loneDeleteMarkers: boolean;
}

/** A bucket that exists from the start. What stands here wins over what an earlier run was told. */
export interface BucketOptions {
  readonly name: string;
  readonly versioning: boolean;
  readonly cors: readonly CorsRule[];
  readonly notifications: readonly NotificationRule[];
  readonly lifecycle: readonly LifecycleRule[];
}

/** One Region's endpoint. */
export interface RegionOptions {
  /** Region code, such as `euw1`; the folder of its data. */
  readonly code: string;
  /** AWS name, such as `eu-west-1`. */
  readonly name: string;
  /** 0: any free port. */
  readonly port: number;
  /** `http://host:port` of the Region's SQS, for notifications that are put by ARN; null: none. */
  readonly sqsEndpoint: string | null;
  readonly buckets: readonly BucketOptions[];
}

/** How events travel. A change by IPC takes part of this. */
export interface EventOptions {
  /** Random delay before an event is sent, in milliseconds. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
  /** Share of events sent twice, 0 to 1. */
  readonly duplicateRate: number;
  /** After a restart, events delivered within this many milliseconds before the stop are sent again: the queue forgets when it stops. */
  readonly resendWindowMs: number;
}

export interface S3Options {
  /** Twelve digits: the owner of every bucket. */
  readonly account: string;
  /** Everything lies under here, in a folder per Region. */
  readonly dataDir: string;
  /** File that takes one line a request; null: none. */
  readonly accessLog: string | null;
  readonly clockOffsetSeconds: number;
  readonly credentials: readonly Credential[];
  /** Roles whose sessions are known too. Default none. */
  readonly sessions?: SessionRoles;
  readonly regions: readonly RegionOptions[];
  readonly events: EventOptions;
  /** Who signs what is sent to the queues. */
  readonly eventSender: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** A body that brings nothing for this long is RequestTimeout, in milliseconds. */
  readonly bodyIdleMs: number;
}

/** What the platform sets when it has no wish of its own. */
export const EVENT_DEFAULTS: EventOptions = {
  minDelayMs: 20,
  maxDelayMs: 300,
  duplicateRate: 0,
  resendWindowMs: 15 * 60_000,
};

/** S3 ends idle request bodies after about 20 seconds, in milliseconds. */
export const BODY_IDLE_MS = 20_000;

/** Messages the parent process sends. `start` comes first and once; `stop` ends the process in order. */
export type S3Command =
  | { readonly type: 'start'; readonly options: S3Options }
  | { readonly type: 'clock'; readonly offsetSeconds: number }
  | { readonly type: 'credentials'; readonly credentials: readonly Credential[] }
  | { readonly type: 'events'; readonly change: Partial<EventOptions> }
  | { readonly type: 'fault'; readonly rule: FaultRule }
  | { readonly type: 'clear-faults' }
  | { readonly type: 'zero-parts'; readonly region: string; readonly parts: ZeroParts }
  | { readonly type: 'stats'; readonly id: number }
  | { readonly type: 'stop' };

/** Messages the child process answers with. `regions` maps the Region code to where it listens. */
export type S3Report =
  | {
      readonly type: 'ready';
      readonly regions: Readonly<Record<string, { readonly url: string; readonly port: number }>>;
    }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'stats'; readonly id: number; readonly stats: S3Stats };

/** Figures of a running S3, by Region code. */
export type S3Stats = Readonly<Record<string, { readonly objects: number; readonly pendingEvents: number }>>;
