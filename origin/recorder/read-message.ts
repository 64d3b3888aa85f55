import * as v from 'valibot';
import { CreatedEvent, S3EventMessage, type S3EventRecord } from '../../core/contract/events.ts';
import { grantDigest } from '../../core/contract/grant.ts';
import { parseObjectKey } from '../../core/objects/object-key.ts';
import type { Fact, Subject } from '../record/facts.ts';

/** What one message of the events queue says. */
export type Heard = {
  /** In the order they came. */
  readonly facts: readonly Fact[];
  /** When the earliest of them happened, milliseconds since 1970. */
  readonly happenedMs: number | null;
  /** The request that made the gate tell it. */
  readonly requestId: string | null;
};

/** Thrown for a message that no version of this code will ever understand; the queue's dead letters keep it. */
export class PoisonMessage extends Error {}

const poison = (why: string, cause?: unknown): never => {
  throw new PoisonMessage(why, cause === undefined ? undefined : { cause });
};

const NOTHING: Heard = { facts: [], happenedMs: null, requestId: null };

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return poison('the message is not JSON', cause);
  }
};

const typeOf = (value: unknown): 'created' | 's3' | 'test' | 'unknown' => {
  if (typeof value !== 'object' || value === null) return 'unknown';
  if (Reflect.get(value, 'type') === 'upload.created') return 'created';
  if (Array.isArray(Reflect.get(value, 'Records'))) return 's3';
  return Reflect.get(value, 'Event') === 's3:TestEvent' ? 'test' : 'unknown';
};

/** The owner is always the one of the key; what else an event says must fit it. */
const readCreated = (value: unknown, region: string, at: string): Heard => {
  const parsed = v.safeParse(CreatedEvent, value);
  if (!parsed.success) return poison(`the "created" event is not valid: ${v.summarize(parsed.issues)}`);
  const event = parsed.output;
  const of = parseObjectKey(event.key);
  if (of === undefined || of.id !== event.id || of.upload.region !== region) {
    return poison('the "created" event has the key of no upload of this Region');
  }
  const { name, sha256, metadata } = event;
  const grant = { name, type: event.contentType, sha256, metadata };
  const { kind, checksumMode, partSize, size } = of.upload;
  if (!grantDigest({ ...grant, kind, checksumMode, partSize, size }).equals(of.upload.grantDigest)) {
    return poison('the "created" event tells of another grant than its id');
  }
  const { createdAt, uploadId, tenant, subject } = event;
  return {
    facts: [{ type: 'created', of, at, grant, creator: { tenant, subject }, createdAt, uploadId }],
    happenedMs: Date.parse(createdAt),
    requestId: event.requestId,
  };
};

/** S3 writes keys into events URL-encoded, with `+` for a space. */
const decodeKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    return poison('an S3 event has a key that cannot be decoded', cause);
  }
};

const readRecord = (record: S3EventRecord, of: Subject, at: string): Fact | undefined => {
  const name = record.eventName.replace(/^s3:/, '');
  const versionId = record.s3.object.versionId ?? null;
  const sequencer = record.s3.object.sequencer ?? null;
  if (name.startsWith('ObjectCreated:')) return { type: 'objectCreated', of, at, versionId, sequencer };
  if (name.startsWith('ObjectRemoved:') || name.startsWith('LifecycleExpiration:')) {
    return { type: 'objectRemoved', of, at, versionId, marker: name.endsWith(':DeleteMarkerCreated'), sequencer };
  }
  return undefined;
};

const readS3 = (value: unknown, input: ReadInput): Heard => {
  const parsed = v.safeParse(S3EventMessage, value);
  if (!parsed.success) return poison(`the S3 event is not valid: ${v.summarize(parsed.issues)}`);
  const facts: Fact[] = [];
  const times: number[] = [];
  for (const record of parsed.output.Records) {
    if (record.s3.bucket.name !== input.bucket) return poison('an S3 event is of another bucket');
    const of = parseObjectKey(decodeKey(record.s3.object.key));
    // Objects that are no uploads, or another Region's, are nobody's to record.
    if (of === undefined || of.upload.region !== input.region) continue;
    const fact = readRecord(record, of, input.at);
    if (fact === undefined) continue;
    facts.push(fact);
    times.push(Date.parse(record.eventTime));
  }
  const happened = times.filter(Number.isFinite);
  return { facts, happenedMs: happened.length === 0 ? null : Math.min(...happened), requestId: null };
};

export type ReadInput = {
  /** Code of the own Region. */
  readonly region: string;
  /** The own uploads bucket. */
  readonly bucket: string;
  /** When we read it, ISO 8601. */
  readonly at: string;
};

/** Reads the body of one queue message: our "created", S3's `Records[]`, or S3's test event. Throws `PoisonMessage` for anything else. */
export const readMessage = (body: string, input: ReadInput): Heard => {
  const value = parseJson(body);
  switch (typeOf(value)) {
    case 'created':
      return readCreated(value, input.region, input.at);
    case 's3':
      return readS3(value, input);
    case 'test':
      return NOTHING;
    case 'unknown':
      return poison('the message is no event of ours');
  }
};
