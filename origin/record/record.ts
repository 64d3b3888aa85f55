import * as v from 'valibot';
import { UserMetadata } from '../../core/contract/create-body.ts';

const Text = v.string();
const Time = v.pipe(v.string(), v.isoTimestamp());
const StringMap = v.record(v.string(), v.string());

/** What was granted beside the plan in the id; proven by the id's digest. */
const Grant = v.object({ name: Text, type: Text, sha256: v.nullable(Text), metadata: UserMetadata });

/**
 * Who made the upload. `since` is the `createdAt` of the "created" event that says so; `null` when it was learnt from a finalize, which
 * an event overrules.
 */
const Creator = v.object({ tenant: v.nullable(Text), subject: Text, since: v.nullable(Time) });

/** The one version a record stands for, as one HEAD showed it. */
const Pin = v.object({ versionId: Text, etag: v.nullable(Text), checksums: StringMap, lastModified: Time });

const HistoryEntry = v.object({ at: Time, state: Text, fact: Text });

const common = {
  id: Text,
  /** Registry id of the issuer. */
  issuer: Text,
  ownerKey: Text,
  grant: v.nullable(Grant),
  creator: v.nullable(Creator),
  /** The earliest heard. */
  createdAt: Time,
  /** S3's upload id, for multipart. */
  uploadId: v.nullable(Text),
  /** Sequencer of the newest delete marker heard of; older removals are stale. */
  removedSequencer: v.nullable(Text),
  /** When the reconciler must look again; `null`: never. */
  dueAt: v.nullable(Time),
  history: v.array(HistoryEntry),
  /** Counts writes; 0 before the first. */
  version: v.number(),
};

const CreatedRecord = v.object({ ...common, state: v.literal('CREATED') });
const CompletingRecord = v.object({
  ...common,
  state: v.literal('COMPLETING'),
  lease: v.object({ token: Text, until: Time }),
});
const ReceivedRecord = v.object({ ...common, state: v.literal('RECEIVED'), pin: Pin, receivedAt: Time });
const UploadedRecord = v.object({
  ...common,
  state: v.literal('UPLOADED'),
  pin: Pin,
  receivedAt: Time,
  uploadedAt: Time,
});
const RejectedRecord = v.object({
  ...common,
  state: v.literal('REJECTED'),
  pin: Pin,
  receivedAt: Time,
  rejected: v.object({ code: Text, detail: Text }),
});
const AbortedRecord = v.object({ ...common, state: v.literal('ABORTED') });
const DeletedRecord = v.object({
  ...common,
  state: v.literal('DELETED'),
  pin: Pin,
  receivedAt: Time,
  uploadedAt: v.nullable(Time),
  deletedAt: Time,
});
/** A tombstone: it leaves both indexes and answers 410 for good. */
const PurgedRecord = v.object({ state: v.literal('PURGED'), id: Text, ownerKey: Text, version: v.number() });

/** The stored record of an upload, told apart by `state`. */
export const StoredRecordSchema = v.variant('state', [
  CreatedRecord,
  CompletingRecord,
  ReceivedRecord,
  UploadedRecord,
  RejectedRecord,
  AbortedRecord,
  DeletedRecord,
  PurgedRecord,
]);

export type Grant = Readonly<v.InferOutput<typeof Grant>>;
export type Creator = Readonly<v.InferOutput<typeof Creator>>;
export type Pin = Readonly<v.InferOutput<typeof Pin>>;
export type StoredRecord = Readonly<v.InferOutput<typeof StoredRecordSchema>>;
export type StoredState = StoredRecord['state'];

/** The record in one of the given states. */
export type RecordIn<State extends StoredState> = Extract<StoredRecord, { readonly state: State }>;

/** Every record but a tombstone. */
export type LivingRecord = Exclude<StoredRecord, { readonly state: 'PURGED' }>;

/** Records that stand for one version of the object. */
export type PinnedRecord = RecordIn<'RECEIVED' | 'UPLOADED' | 'REJECTED' | 'DELETED'>;

/** States a record can be stored in. `EXPIRED` is computed on read and never stored. */
export const STORED_STATES = [
  'CREATED',
  'COMPLETING',
  'RECEIVED',
  'UPLOADED',
  'REJECTED',
  'ABORTED',
  'DELETED',
  'PURGED',
] as const satisfies readonly StoredState[];
