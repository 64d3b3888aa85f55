import type { S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../origin/objects/object-store.ts';
import type { PartStore } from '../../origin/objects/part-store.ts';
import type { RecordStore } from '../../origin/store/record-store.ts';
import type { Random } from '../support/random.ts';

/** What the gateway answered, as `status code`, and how long it took in milliseconds. */
export type Told = { readonly line: string; readonly ms: number; readonly body: unknown };

/** One Region where uploads end up, and what the outside was told of them: all that the invariants are checked against. */
export type Scene = {
  /** Bucket and table, looked at past every fault. */
  readonly truth: { readonly store: RecordStore; readonly objects: ObjectStore; readonly parts: PartStore };
  readonly direct: S3Client;
  readonly bucket: string;
  readonly s3Url: string;
  /** Every answer so far that no fault has touched. */
  readonly told: readonly Told[];
  /** Asks the gateway about an upload, `id/verb`, past every fault. */
  ask(method: string, path: string, json?: unknown, token?: string): Promise<Told>;
  strangerToken(): Promise<string>;
  /** Faults stop; what was on its way arrives and is worked on. */
  converge(random: Random): Promise<void>;
  /** How long work may go on by itself after that, in milliseconds. */
  readonly patienceMs: number;
};
