import type { BucketRecord, Entry, EventRecord, ObjectVersion, Part, Upload, Version } from './records.ts';
import { createSharedLock, type SharedLock } from './shared-lock.ts';

/** A multipart upload that is open. */
export interface UploadState {
  readonly upload: Upload;
  readonly parts: Map<number, Part>;
  /** Parts come in together; who ends the upload has it alone. */
  readonly lock: SharedLock;
}

/** A bucket in memory. */
export interface BucketState {
  record: BucketRecord;
  /** Versions by key, newest first; never empty. */
  readonly keys: Map<string, Version[]>;
  /** Keys in the order S3 lists them (bytes of UTF-8); null: to be sorted again. */
  sorted: string[] | null;
  /** Open multipart uploads by upload id. */
  readonly uploads: Map<string, UploadState>;
}

/** What the log says, in memory. */
export interface State {
  readonly buckets: Map<string, BucketState>;
  /** Owed events, and (`sentAt`, machine's milliseconds) those delivered in what was replayed. */
  readonly events: Map<string, { readonly event: EventRecord; sentAt: number | null }>;
  /** Every object version, counted. */
  objects: number;
}

export function createState(): State {
  return { buckets: new Map(), events: new Map(), objects: 0 };
}

/** Takes one fact in; gives the names of data files that nothing refers to any more. */
export function applyEntry(state: State, entry: Entry): readonly string[] {
  switch (entry.op) {
    case 'bucket': {
      const known = state.buckets.get(entry.bucket.name);
      if (known) known.record = entry.bucket;
      else {
        state.buckets.set(entry.bucket.name, { record: entry.bucket, keys: new Map(), sorted: [], uploads: new Map() });
      }
      return [];
    }
    case 'drop-bucket': {
      const uploads = state.buckets.get(entry.name)?.uploads.values() ?? [];
      state.buckets.delete(entry.name);
      return [...uploads].flatMap(({ parts }) => [...parts.values()].map(({ file }) => file));
    }
    case 'put':
      return put(state, entry.bucket, entry.key, entry.version);
    case 'remove':
      return remove(state, entry.bucket, entry.key, entry.versionId);
    case 'tags':
      replaceTags(state, entry);
      return [];
    case 'upload':
      state.buckets
        .get(entry.bucket)
        ?.uploads.set(entry.upload.id, { upload: entry.upload, parts: new Map(), lock: createSharedLock() });
      return [];
    case 'part':
      return putPart(state, entry);
    case 'end-upload':
      return endUpload(state, entry.bucket, entry.uploadId);
    case 'event':
      state.events.set(entry.event.id, { event: entry.event, sentAt: null });
      return [];
    case 'sent': {
      const sent = state.events.get(entry.id);
      if (sent) sent.sentAt = entry.at;
      return [];
    }
    case 'sequence':
    case 'bytes': // kept with the files
      return [];
  }
}

/** The least entries that say the same as `state`; delivered events are left out. */
export function* liveEntries(state: State, sequence: string): Generator<readonly Entry[]> {
  yield [{ op: 'sequence', value: sequence }];
  for (const { record, keys, uploads } of state.buckets.values()) {
    yield [{ op: 'bucket', bucket: record }];
    for (const [key, versions] of keys) {
      for (const version of versions.toReversed()) yield [{ op: 'put', bucket: record.name, key, version }];
    }
    for (const { upload, parts } of uploads.values()) {
      yield [{ op: 'upload', bucket: record.name, upload }];
      for (const part of parts.values()) yield [{ op: 'part', bucket: record.name, uploadId: upload.id, part }];
    }
  }
  for (const { event, sentAt } of state.events.values()) if (sentAt === null) yield [{ op: 'event', event }];
}

/** The bucket's keys in S3's order. */
export function sortedKeys(bucket: BucketState): readonly string[] {
  bucket.sorted ??= [...bucket.keys.keys()].sort(compareUtf8);
  return bucket.sorted;
}

/** Orders by bytes of UTF-8, which is the order of code points. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other UTF-16 unit. */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x0800 : unit + 0x2000;
}

/** The data files a version's bytes are in. */
export function filesOf(version: Version): readonly string[] {
  if (version.kind === 'marker') return [];
  return version.file === null ? (version.multipart?.parts.map(({ file }) => file) ?? []) : [version.file];
}

/** The data files an entry names as those of its bytes. */
export function filesNamed(entry: Entry): readonly string[] {
  if (entry.op === 'part') return [entry.part.file];
  return entry.op === 'put' ? filesOf(entry.version) : [];
}

function put(state: State, bucketName: string, key: string, version: Version): readonly string[] {
  const bucket = state.buckets.get(bucketName);
  if (!bucket) return filesOf(version);
  const gone = version.versionId === 'null' ? remove(state, bucketName, key, 'null') : [];
  const versions = bucket.keys.get(key);
  if (versions) {
    const at = versions.findIndex((other) => rankOf(other) < rankOf(version));
    versions.splice(at < 0 ? versions.length : at, 0, version);
  } else {
    bucket.keys.set(key, [version]);
    bucket.sorted = null;
  }
  if (version.kind === 'object') state.objects += 1;
  return gone;
}

/**
 * Newest is what was begun last: a multipart upload counts from its beginning, not its end.
 * Source: Amazon S3 user guide, "Concurrent multipart upload operations".
 */
function rankOf(version: Version): string {
  return (version.kind === 'object' ? version.multipart?.begunAs : undefined) ?? version.sequencer;
}

function remove(state: State, bucketName: string, key: string, versionId: string): readonly string[] {
  const bucket = state.buckets.get(bucketName);
  const versions = bucket?.keys.get(key);
  const at = versions?.findIndex((version) => version.versionId === versionId) ?? -1;
  if (!bucket || !versions || at < 0) return [];
  const [gone] = versions.splice(at, 1);
  if (versions.length === 0) {
    bucket.keys.delete(key);
    bucket.sorted = null;
  }
  if (gone?.kind !== 'object') return [];
  state.objects -= 1;
  return filesOf(gone);
}

function replaceTags(state: State, { bucket, key, versionId, tags }: Extract<Entry, { op: 'tags' }>): void {
  const versions = state.buckets.get(bucket)?.keys.get(key);
  const at = versions?.findIndex((version) => version.versionId === versionId) ?? -1;
  const version = versions?.[at];
  if (versions && version?.kind === 'object') versions[at] = { ...version, tags };
}

function putPart(state: State, { bucket, uploadId, part }: Extract<Entry, { op: 'part' }>): readonly string[] {
  const parts = state.buckets.get(bucket)?.uploads.get(uploadId)?.parts;
  if (!parts) return [part.file];
  const before = parts.get(part.number);
  parts.set(part.number, part);
  return before ? [before.file] : [];
}

function endUpload(state: State, bucketName: string, uploadId: string): readonly string[] {
  const bucket = state.buckets.get(bucketName);
  const ended = bucket?.uploads.get(uploadId);
  if (!bucket || !ended) return [];
  bucket.uploads.delete(uploadId);
  const version = completedVersion(bucket, ended.upload.key, uploadId);
  const kept = new Set(version ? filesOf(version) : []);
  return [...ended.parts.values()].flatMap(({ file }) => (kept.has(file) ? [] : [file]));
}

/** The version that a multipart upload of this key became. */
export function completedVersion(bucket: BucketState, key: string, uploadId: string): ObjectVersion | undefined {
  return bucket.keys
    .get(key)
    ?.find(
      (version): version is ObjectVersion => version.kind === 'object' && version.multipart?.uploadId === uploadId,
    );
}
