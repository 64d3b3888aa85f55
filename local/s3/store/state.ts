import type { BucketRecord, Entry, EventRecord, Version } from './records.ts';

/** A bucket in memory. */
export interface BucketState {
  record: BucketRecord;
  /** Versions by key, newest first; never empty. */
  readonly keys: Map<string, Version[]>;
  /** Keys in the order S3 lists them (bytes of UTF-8); null: to be sorted again. */
  sorted: string[] | null;
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
export function applyEntry(state: State, entry: Entry): string[] {
  switch (entry.op) {
    case 'bucket': {
      const known = state.buckets.get(entry.bucket.name);
      if (known) known.record = entry.bucket;
      else state.buckets.set(entry.bucket.name, { record: entry.bucket, keys: new Map(), sorted: [] });
      return [];
    }
    case 'drop-bucket':
      state.buckets.delete(entry.name);
      return [];
    case 'put':
      return put(state, entry.bucket, entry.key, entry.version);
    case 'remove':
      return remove(state, entry.bucket, entry.key, entry.versionId);
    case 'event':
      state.events.set(entry.event.id, { event: entry.event, sentAt: null });
      return [];
    case 'sent': {
      const sent = state.events.get(entry.id);
      if (sent) sent.sentAt = entry.at;
      return [];
    }
    case 'sequence':
      return [];
  }
}

/** The least entries that say the same as `state`; delivered events are left out. */
export function* liveEntries(state: State, sequence: string): Generator<readonly Entry[]> {
  yield [{ op: 'sequence', value: sequence }];
  for (const { record, keys } of state.buckets.values()) {
    yield [{ op: 'bucket', bucket: record }];
    for (const [key, versions] of keys) {
      for (const version of versions.toReversed()) yield [{ op: 'put', bucket: record.name, key, version }];
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

function put(state: State, bucketName: string, key: string, version: Version): string[] {
  const bucket = state.buckets.get(bucketName);
  if (!bucket) return version.kind === 'object' ? [version.file] : [];
  const gone = version.versionId === 'null' ? remove(state, bucketName, key, 'null') : [];
  const versions = bucket.keys.get(key);
  if (versions) versions.unshift(version);
  else {
    bucket.keys.set(key, [version]);
    bucket.sorted = null;
  }
  if (version.kind === 'object') state.objects += 1;
  return gone;
}

function remove(state: State, bucketName: string, key: string, versionId: string): string[] {
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
  return [gone.file];
}
