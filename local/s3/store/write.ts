import { randomBytes } from 'node:crypto';
import { fault } from '../errors.ts';
import { type EventSource, eventsFor } from '../events/events-for.ts';
import type { DeleteMarker, Entry, EventName, ObjectVersion, Version, Versioning } from './records.ts';
import type { BucketState } from './state.ts';
import type { Store } from './store.ts';

/** An object whose bytes are on the disk, before it has a version; without `lastModified` it is made now. */
export type ObjectDraft = Omit<ObjectVersion, 'kind' | 'versionId' | 'lastModified' | 'sequencer'> &
  Partial<Pick<ObjectVersion, 'lastModified'>>;

/** What brought a new version about. */
export type Created = Extract<EventName, `ObjectCreated:${string}`>;

/** Who removes: a caller, or a lifecycle rule. */
export type Removal = 'ObjectRemoved' | 'LifecycleExpiration';

export interface WriteTarget {
  readonly store: Store;
  readonly bucket: string;
  readonly key: string;
  readonly source: EventSource;
}

/** The version a plain GET reads; undefined when there never was one. */
export function currentVersion(store: Store, bucket: string, key: string): Version | undefined {
  return store.state.buckets.get(bucket)?.keys.get(key)?.[0];
}

/**
 * Makes `draft` a version of the key, with its events and `alsoTrue`, at one stroke. With `unchangedSince` nothing may
 * have come between: another writer at work or another current version than the one seen then is ConditionalRequestConflict.
 */
export async function putVersion(
  target: WriteTarget,
  draft: ObjectDraft,
  unchangedSince: { readonly current: Version | undefined } | null,
  created: Created = 'ObjectCreated:Put',
  alsoTrue: readonly Entry[] = [],
): Promise<ObjectVersion> {
  const { store } = target;
  const bucket = requireBucket(target);
  const busyKey = `${target.bucket}/${target.key}`;
  if (unchangedSince) {
    const moved = currentVersion(store, target.bucket, target.key) !== unchangedSince.current;
    if (moved || store.busy.has(busyKey)) {
      throw fault('ConditionalRequestConflict', { details: { Condition: 'If-None-Match', Key: target.key } });
    }
  }
  const version: ObjectVersion = {
    kind: 'object',
    versionId: newVersionId(bucket.record.versioning),
    lastModified: wholeSeconds(target.source.time),
    sequencer: store.nextSequencer(),
    ...draft,
  };
  const entries: Entry[] = [
    { op: 'put', bucket: target.bucket, key: target.key, version },
    ...alsoTrue,
    ...eventsFor(created, bucket.record, target.key, version, target.source),
  ];
  store.busy.set(busyKey, (store.busy.get(busyKey) ?? 0) + 1);
  try {
    await store.commit(entries);
  } finally {
    const left = (store.busy.get(busyKey) ?? 1) - 1;
    if (left > 0) store.busy.set(busyKey, left);
    else store.busy.delete(busyKey);
  }
  return version;
}

/** DELETE without a version: a marker where versions are kept, the object itself where they are not. */
export async function deleteCurrent(target: WriteTarget, by: Removal = 'ObjectRemoved'): Promise<DeleteMarker | null> {
  const { store } = target;
  const bucket = requireBucket(target);
  if (bucket.record.versioning === 'off') {
    await deleteVersion(target, 'null', by);
    return null;
  }
  const marker: DeleteMarker = {
    kind: 'marker',
    versionId: newVersionId(bucket.record.versioning),
    lastModified: wholeSeconds(target.source.time),
    sequencer: store.nextSequencer(),
  };
  await store.commit([
    { op: 'put', bucket: target.bucket, key: target.key, version: marker },
    ...eventsFor(`${by}:DeleteMarkerCreated`, bucket.record, target.key, marker, target.source),
  ]);
  return marker;
}

/** Removes one version for good; null when there is none. */
export async function deleteVersion(
  target: WriteTarget,
  versionId: string,
  by: Removal = 'ObjectRemoved',
): Promise<Version | null> {
  const { store } = target;
  const bucket = requireBucket(target);
  const version = bucket.keys.get(target.key)?.find((candidate) => candidate.versionId === versionId);
  if (!version) return null;
  const removed: Version = { kind: 'marker', versionId, lastModified: 0, sequencer: store.nextSequencer() };
  await store.commit([
    { op: 'remove', bucket: target.bucket, key: target.key, versionId },
    ...eventsFor(`${by}:Delete`, bucket.record, target.key, removed, target.source),
  ]);
  return version;
}

function requireBucket({ store, bucket }: WriteTarget): BucketState {
  const state = store.state.buckets.get(bucket);
  if (!state) throw fault('NoSuchBucket', { details: { BucketName: bucket } });
  return state;
}

function newVersionId(versioning: Versioning): string {
  return versioning === 'enabled'
    ? randomBytes(24).toString('base64').replaceAll('+', '.').replaceAll('/', '_')
    : 'null';
}

/** Milliseconds cut to whole seconds, which is all that S3 keeps of a time. */
export const wholeSeconds = (time: number): number => Math.floor(time / 1000) * 1000;
