import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';
import type { FetchedKeySet, KeysDocument } from '../../core/contract/registry.ts';
import { type KeyCopy, type Keys, parseKeys } from '../../core/identity/parse-keys.ts';
import { isConfirmed, readPolicy } from './confirm-policy.ts';
import { type FetchedEntry, keptCopy } from './next-keys.ts';
import { isDue } from './next-try.ts';
import { type RefreshEntryDeps, refreshEntry } from './refresh-entry.ts';
import type { RegistryBucket, StoredDocument } from './registry-bucket.ts';

export type RefreshDeps = RefreshEntryDeps & {
  readonly own: RegistryBucket;
  /** Registry buckets of the other Regions by code. */
  readonly others: ReadonlyMap<string, Pick<RegistryBucket, 'read'>>;
};

/** What one run did. `written` is false when other runs came first every time. */
export type Refreshed = { readonly written: boolean; readonly version: number };

/** Whose keys are wanted: registry ids, or everybody's. */
export type Wanted = ReadonlySet<string> | 'all';

/** Providers asked at once. */
const CONCURRENCY = 64;
/** No further provider is asked after so many milliseconds of a run: what was learnt is written, and the others come first next time. */
const ASK_MS = 4_000;
/** Another run that writes first makes this one start anew, with what it has already fetched. */
const TRIES = 3;

const isFetched = (entry: IssuerEntry): entry is FetchedEntry => entry.keys.jwksUri !== undefined;

const readKeysBody = (stored: StoredDocument): Keys | null => {
  try {
    const parsed = parseKeys(JSON.parse(stored.body));
    return parsed.ok ? parsed.keys : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

/** The version after a document; one that nobody can read is passed by a number no count of minutes reaches. */
const nextVersion = (stored: StoredDocument | null, keys: Keys | null, nowMs: number): number => {
  if (stored === null) return 1;
  return keys === null ? Math.floor(nowMs / 1_000) : keys.version + 1;
};

type Run = {
  readonly wanted: Wanted;
  readonly fetched: Map<string, FetchedKeySet>;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970 after which nobody else is asked. */
  readonly askUntilMs: number;
};

/** The copy of one issuer: what this run fetched already, the known one while its provider is not due, else a new one. */
const copyOf = async (
  deps: RefreshDeps,
  entry: FetchedEntry,
  known: KeyCopy | undefined,
  { wanted, fetched, askUntilMs }: Run,
): Promise<FetchedKeySet> => {
  const { jwksUri } = entry.keys;
  const ready = fetched.get(entry.id);
  if (ready?.jwksUri === jwksUri) return ready;
  const asked = entry.status === 'active' && (wanted === 'all' || wanted.has(entry.id));
  if (!asked || deps.now() >= askUntilMs || !isDue(known, jwksUri, deps.now())) {
    const status = known?.status === 'ok' || known?.status === 'withdrawn' ? known.status : 'failing';
    return keptCopy(jwksUri, known, status);
  }
  const copy = await refreshEntry(deps, entry, known);
  fetched.set(entry.id, copy);
  return copy;
};

/** Copies of all entries; those that were longest not asked for come first, so that slow providers cannot keep others waiting for ever. */
const copiesOf = async (
  deps: RefreshDeps,
  entries: readonly FetchedEntry[],
  known: ReadonlyMap<string, KeyCopy>,
  run: Run,
): Promise<Record<string, FetchedKeySet>> => {
  const triedAt = ({ id }: FetchedEntry): number => known.get(id)?.triedAtMs ?? Number.NEGATIVE_INFINITY;
  const queue = entries.toSorted((one, other) => (triedAt(one) < triedAt(other) ? -1 : 1));
  const copies: [string, FetchedKeySet][] = [];
  const work = async (): Promise<void> => {
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
      copies.push([entry.id, await copyOf(deps, entry, known.get(entry.id), run)]);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, work));
  return Object.fromEntries(copies.sort(([one], [other]) => (one < other ? -1 : 1)));
};

/** How old each copy is now, whether or not it was just asked for. */
const tellAges = ({ telemetry, now }: RefreshDeps, copies: Readonly<Record<string, FetchedKeySet>>): void => {
  for (const [issuer, { fetchedAt }] of Object.entries(copies)) {
    if (fetchedAt === null) continue;
    telemetry.measure.milliseconds(ORIGIN_METRICS.keySetAge, now() - Date.parse(fetchedAt), { issuer });
  }
};

const runOnce = async (deps: RefreshDeps, run: Run): Promise<Refreshed> => {
  const { own, others, telemetry } = deps;
  const [policyStored, keysStored] = await Promise.all([own.read('policy', run.signal), own.read('keys', run.signal)]);
  if (policyStored === null) throw new Error('there is no policy.json to refresh keys for');
  const policy = readPolicy(policyStored.body);
  const known = keysStored === null ? null : readKeysBody(keysStored);
  const [keys, confirmed] = await Promise.all([
    copiesOf(deps, policy.entries.filter(isFetched), known?.copies ?? new Map(), run),
    isConfirmed(others, policy.version, run.signal),
  ]);
  const now = deps.now();
  const document: KeysDocument = {
    schema: 1,
    version: nextVersion(keysStored, known, now),
    // Never confirmed: a moment so long ago that nobody takes this copy for a fresh one.
    checkedAt: new Date(confirmed ? now : (known?.checkedAtMs ?? 0)).toISOString(),
    keys,
  };
  const written = await own.writeKeys(document, keysStored?.etag ?? null, run.signal);
  tellAges(deps, keys);
  telemetry.measure.number(ORIGIN_METRICS.policyUnconfirmed, confirmed ? 0 : 1, {});
  telemetry.log.info('refresh', {
    written,
    version: document.version,
    policyVersion: policy.version,
    confirmed,
    issuers: Object.keys(keys).length,
    wanted: run.wanted === 'all' ? 'all' : [...run.wanted],
    asked: run.fetched.size,
  });
  return { written, version: document.version };
};

/**
 * One run of the refresher: fetches the key sets of wanted issuers whose providers are due (once in 30 s, less often while they fail),
 * compares its policy with the other Regions', and writes `keys.json` over exactly the one it read. Inline sets are never written. Throws if
 * the own registry bucket does not answer or has no usable policy.
 */
export const createRefresh =
  (deps: RefreshDeps) =>
  async (signal: AbortSignal, wanted: Wanted = 'all'): Promise<Refreshed> => {
    const run: Run = { wanted, fetched: new Map(), signal, askUntilMs: deps.now() + ASK_MS };
    let done = await runOnce(deps, run);
    for (let tries = 1; tries < TRIES && !done.written; tries += 1) done = await runOnce(deps, run);
    return done;
  };
