import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Files, openFiles } from './files.ts';
import { openLog, replayLog, rewriteLog } from './log.ts';
import type { Entry, EventRecord } from './records.ts';
import { createSequencer } from './sequencer.ts';
import { createSmallFiles, type SmallFiles } from './small-files.ts';
import { applyEntry, createState, filesOf, liveEntries, type State } from './state.ts';

/** One Region's objects: what the log says in memory, the data files, and the one way to change either. */
export interface Store {
  /** To be read; changed by `commit` alone. */
  readonly state: State;
  readonly files: Files;
  /** To be taken in the same turn as the `commit` that uses it, so that both stand in one order. */
  nextSequencer(): string;
  /** Resolves when the entries are on the disk and in `state`. */
  commit(entries: readonly Entry[]): Promise<void>;
  /** Keys being written right now: `bucket/key` → writers. */
  readonly busy: Map<string, number>;
  close(): Promise<void>;
}

export interface StoreDeps {
  readonly folder: string;
  /** Milliseconds since the epoch by the machine's clock. */
  readonly machineNow: () => number;
  readonly resendWindowMs: number;
  /** Called for every event that is owed, after it is on the disk. */
  readonly onEvent: (event: EventRecord) => void;
}

const REWRITE_FROM_LINES = 1_000;
/** A change that drops more files than this is answered before they are all gone. */
const REMOVED_AT_ONCE = 16;

/** Opens a Region's folder as the last process left it, however that ended, and hands every owed event to `onEvent`. */
export async function openStore(deps: StoreDeps): Promise<Store> {
  await mkdir(deps.folder, { recursive: true, mode: 0o700 });
  const logPath = join(deps.folder, 'log.jsonl');
  const state = createState();
  const sequencer = createSequencer(deps.machineNow);
  const small = createSmallFiles();
  const lines = await replayLog(logPath, (entry) => {
    if (entry.op === 'bytes') small.restore(entry.file, entry.base64);
    for (const dropped of applyEntry(state, withLifecycle(entry))) small.remove(dropped);
    if (entry.op === 'put') sequencer.seen(entry.version.sequencer);
    if (entry.op === 'upload') sequencer.seen(entry.upload.sequencer);
    if (entry.op === 'event') sequencer.seen(entry.event.sequencer);
    if (entry.op === 'sequence') sequencer.seen(entry.value);
  });
  oweAgain(state, deps.resendWindowMs);
  if (lines > REWRITE_FROM_LINES && lines > 2 * countLines(state)) {
    await rewriteLog(logPath, liveLines(state, sequencer.last(), small));
  }
  const files = await openFiles(join(deps.folder, 'data'), referencedFiles(state), small);
  const log = await openLog(logPath, () => files.syncNames());
  for (const { event } of state.events.values()) deps.onEvent(event);
  const removals = new Set<Promise<void>>();

  /** What stays behind when this fails or the process dies is removed at the next start. */
  function removeAll(names: readonly string[]): Promise<void> {
    const removal = (async () => {
      for (const name of names) await files.remove(name);
    })()
      .catch((error: unknown) => console.error(error))
      .finally(() => removals.delete(removal));
    removals.add(removal);
    return removal;
  }

  return {
    state,
    files,
    busy: new Map(),
    nextSequencer: () => sequencer.next(),
    async commit(entries) {
      let dropped: readonly string[] = [];
      await log.append(small.lineOf(entries), () => {
        dropped = entries.flatMap((entry) => applyEntry(state, entry));
        for (const entry of entries) {
          if (entry.op === 'event') deps.onEvent(entry.event);
          if (entry.op === 'sent') state.events.delete(entry.id);
        }
      });
      const removing = removeAll(dropped);
      if (dropped.length <= REMOVED_AT_ONCE) await removing;
    },
    async close() {
      await log.close();
      await Promise.all(removals);
      await files.close();
    },
  };
}

/** Bucket lines of a log that was written before there were lifecycle rules lack them. */
function withLifecycle(entry: Entry): Entry {
  if (entry.op !== 'bucket' || entry.bucket.lifecycle) return entry;
  return { ...entry, bucket: { ...entry.bucket, lifecycle: [] } };
}

/** The queue forgets when it stops, so what it got shortly before is owed once more; older deliveries are done. */
function oweAgain(state: State, windowMs: number): void {
  let latest = 0;
  for (const { sentAt } of state.events.values()) latest = Math.max(latest, sentAt ?? 0);
  for (const [id, entry] of state.events) {
    if (entry.sentAt === null) continue;
    if (windowMs > 0 && entry.sentAt >= latest - windowMs) entry.sentAt = null;
    else state.events.delete(id);
  }
}

/** The lines of a log that says the same as `state`. */
function* liveLines(state: State, sequence: string, small: SmallFiles): Generator<readonly Entry[]> {
  for (const entries of liveEntries(state, sequence)) yield small.lineOf(entries);
}

function countLines(state: State): number {
  let lines = 1 + state.buckets.size + state.events.size;
  for (const { keys, uploads } of state.buckets.values()) {
    for (const versions of keys.values()) lines += versions.length;
    for (const { parts } of uploads.values()) lines += 1 + parts.size;
  }
  return lines;
}

function referencedFiles(state: State): Set<string> {
  const names = new Set<string>();
  for (const { keys, uploads } of state.buckets.values()) {
    for (const versions of keys.values()) {
      for (const version of versions) for (const file of filesOf(version)) names.add(file);
    }
    for (const { parts } of uploads.values()) for (const { file } of parts.values()) names.add(file);
  }
  return names;
}
