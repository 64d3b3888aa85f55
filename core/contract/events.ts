import * as v from 'valibot';
import { UserMetadata } from './create-body.ts';
import { KINDS } from './states.ts';

const Time = v.pipe(v.string(), v.isoTimestamp());

/** "created": the gate tells the home Region's events queue what it granted. A hint, never proof. */
export const CreatedEvent = v.strictObject({
  v: v.literal(1),
  type: v.literal('upload.created'),
  id: v.string(),
  key: v.string(),
  ownerKey: v.string(),
  /** Registry id of the issuer. */
  issuer: v.string(),
  tenant: v.nullable(v.string()),
  subject: v.string(),
  kind: v.picklist(KINDS),
  name: v.string(),
  size: v.number(),
  contentType: v.string(),
  sha256: v.nullable(v.string()),
  metadata: UserMetadata,
  /** S3's upload id, for multipart. */
  uploadId: v.nullable(v.string()),
  createdAt: Time,
  expiresAt: Time,
  requestId: v.string(),
});
export type CreatedEvent = v.InferOutput<typeof CreatedEvent>;

/** Asks a Region's refresher for an issuer's keys, or, without `issuer`, for everybody's. A hint: the schedule finds them too. */
export const KeysAskedEvent = v.object({
  v: v.literal(1),
  type: v.literal('keys.asked'),
  /** Registry id. */
  issuer: v.optional(v.string()),
});
export type KeysAskedEvent = v.InferOutput<typeof KeysAskedEvent>;

/** The members we read of one S3 event notification record (version 2.x); all others are let through. */
export const S3EventRecord = v.object({
  eventVersion: v.string(),
  eventSource: v.literal('aws:s3'),
  eventTime: v.string(),
  eventName: v.string(),
  s3: v.object({
    bucket: v.object({ name: v.string() }),
    object: v.object({
      /** URL-encoded, with `+` for a space. */
      key: v.string(),
      size: v.optional(v.number()),
      eTag: v.optional(v.string()),
      versionId: v.optional(v.string()),
      /** Hex; compared right-padded with zeros, only within one key. */
      sequencer: v.optional(v.string()),
    }),
  }),
});
export type S3EventRecord = v.InferOutput<typeof S3EventRecord>;

/** One message of S3 on the events queue. */
export const S3EventMessage = v.object({ Records: v.array(S3EventRecord) });
export type S3EventMessage = v.InferOutput<typeof S3EventMessage>;
