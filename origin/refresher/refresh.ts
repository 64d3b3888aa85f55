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
const CONCURRENCY = 16;
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

type Run = { readonly wanted: Wanted; readonly fetched: Map<string, FetchedKeySet>; readonly signal: AbortSignal };

/** The copy of one issuer: what this run fetched already, the known one while its provider is not due, else a new one. */
const copyOf = async (
  deps: RefreshDeps,
  entry: FetchedEntry,
  known: KeyCopy | undefined,
  { wanted, fetched }: Run,
): Promise<FetchedKeySet> => {
  const { jwksUri } = entry.keys;
  const ready = fetched.get(entry.id);
  if (ready?.jwksUri === jwksUri) return ready;
  const asked = entry.status === 'active' && (wanted === 'all' || wanted.has(entry.id));
  if (!asked || !isDue(known, jwksUri, deps.now())) {
    const status = known?.status === 'ok' || known?.status === 'withdrawn' ? known.status : 'failing';
    return keptCopy(jwksUri, known, status);
  }
  const copy = await refreshEntry(deps, entry, known);
  fetched.set(entry.id, copy);
  return copy;
};

const copiesOf = async (
  deps: RefreshDeps,
  entries: readonly FetchedEntry[],
  known: ReadonlyMap<string, KeyCopy>,
  run: Run,
): Promise<Record<string, FetchedKeySet>> => {
  const copies: [string, FetchedKeySet][] = [];
  for (let start = 0; start < entries.length; start += CONCURRENCY) {
    const batch = entries.slice(start, start + CONCURRENCY);
    const next = await Promise.all(batch.map((entry) => copyOf(deps, entry, known.get(entry.id), run)));
    for (const [index, copy] of next.entries()) copies.push([batch[index]?.id ?? '', copy]);
  }
  return Object.fromEntries(copies);
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
    const run: Run = { wanted, fetched: new Map(), signal };
    let done = await runOnce(deps, run);
    for (let tries = 1; tries < TRIES && !done.written; tries += 1) done = await runOnce(deps, run);
    return done;
  };
