import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { IssuerEntry } from '../../core/contract/issuer-entry.ts';
import type { FetchedKeySet, KeysDocument } from '../../core/contract/registry.ts';
import { type KeyCopy, type Keys, parseKeys } from '../../core/identity/parse-keys.ts';
import { type Policy, parsePolicy } from '../../core/identity/parse-policy.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { FetchKeySet } from './fetch-key-set.ts';
import { keptCopy, nextCopy, type ProviderAnswer } from './next-keys.ts';
import type { RegistryBucket, StoredDocument } from './registry-bucket.ts';

export type RefreshDeps = {
  readonly own: RegistryBucket;
  /** Registry buckets of the other Regions by code. */
  readonly others: ReadonlyMap<string, Pick<RegistryBucket, 'read'>>;
  readonly fetchKeySet: FetchKeySet;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly telemetry: Telemetry;
};

/** What one run did. `written` is false when another run came first. */
export type Refreshed = { readonly written: boolean; readonly version: number };

type FetchedEntry = IssuerEntry & { readonly keys: { readonly jwksUri: string } };

/** Providers asked at once. */
const CONCURRENCY = 16;

const isFetched = (entry: IssuerEntry): entry is FetchedEntry => entry.keys.jwksUri !== undefined;

const readPolicyBody = (body: string): Policy => {
  const parsed = parsePolicy(JSON.parse(body));
  if (parsed.ok) return parsed.policy;
  throw new Error(
    `policy.json cannot be read: ${parsed.faults.map(({ path, message }) => `${path} ${message}`).join('; ')}`,
  );
};

const readKeysBody = (stored: StoredDocument): Keys | null => {
  try {
    const parsed = parseKeys(JSON.parse(stored.body));
    return parsed.ok ? parsed.keys : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};

const versionOf = (body: string): number => readPolicyBody(body).version;

/** Whether some other Region answers and none has a newer policy. Alone, a Region is its own witness. */
const isConfirmed = async (deps: RefreshDeps, version: number, signal: AbortSignal): Promise<boolean> => {
  if (deps.others.size === 0) return true;
  const answers = await Promise.allSettled(
    [...deps.others.values()].map(async (bucket) => {
      const stored = await bucket.read('policy', signal);
      if (stored === null) throw new Error('the other Region has no policy.json');
      return versionOf(stored.body);
    }),
  );
  const versions = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  return versions.length > 0 && versions.every((other) => other <= version);
};

const ask = async (fetchKeySet: FetchKeySet, url: string): Promise<ProviderAnswer> => {
  try {
    return { ok: true, bytes: await fetchKeySet(url) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

const refreshEntry = async (
  deps: RefreshDeps,
  entry: FetchedEntry,
  known: KeyCopy | undefined,
): Promise<FetchedKeySet> => {
  if (entry.status !== 'active') return keptCopy(entry.keys.jwksUri, known, 'failing');
  const answer = await ask(deps.fetchKeySet, entry.keys.jwksUri);
  const now = deps.now();
  const { copy, result } = nextCopy(entry, known, answer, new Date(now).toISOString());
  const { log, measure } = deps.telemetry;
  measure.count(ORIGIN_METRICS.keySetFetches, { issuer: entry.id, result: copy.status });
  if (copy.fetchedAt !== null) {
    measure.milliseconds(ORIGIN_METRICS.keySetAge, now - Date.parse(copy.fetchedAt), { issuer: entry.id });
  }
  if (result !== 'ok') log.warn('key set kept', { issuer: entry.id, status: copy.status, reason: result });
  return copy;
};

const refreshEntries = async (
  deps: RefreshDeps,
  entries: readonly FetchedEntry[],
  copies: ReadonlyMap<string, KeyCopy>,
): Promise<Record<string, FetchedKeySet>> => {
  const refreshed: [string, FetchedKeySet][] = [];
  for (let start = 0; start < entries.length; start += CONCURRENCY) {
    const batch = entries.slice(start, start + CONCURRENCY);
    const next = await Promise.all(
      batch.map(async (entry) => [entry.id, await refreshEntry(deps, entry, copies.get(entry.id))] as const),
    );
    for (const [id, copy] of next) refreshed.push([id, copy]);
  }
  return Object.fromEntries(refreshed);
};

/** The version after a document; one that nobody can read is passed by a number no count of minutes reaches. */
const nextVersion = (stored: StoredDocument | null, keys: Keys | null, nowMs: number): number => {
  if (stored === null) return 1;
  return keys === null ? Math.floor(nowMs / 1_000) : keys.version + 1;
};

/**
 * One run of the refresher: fetches every fetched issuer's key set, compares its policy with the other Regions', and writes `keys.json` over
 * exactly the one it read. Inline sets are never written. Throws if the own registry bucket does not answer or has no usable policy.
 */
export const createRefresh =
  (deps: RefreshDeps) =>
  async (signal: AbortSignal): Promise<Refreshed> => {
    const [policyStored, keysStored] = await Promise.all([
      deps.own.read('policy', signal),
      deps.own.read('keys', signal),
    ]);
    if (policyStored === null) throw new Error('there is no policy.json to refresh keys for');
    const policy = readPolicyBody(policyStored.body);
    const known = keysStored === null ? null : readKeysBody(keysStored);
    const [keys, confirmed] = await Promise.all([
      refreshEntries(deps, policy.entries.filter(isFetched), known?.copies ?? new Map()),
      isConfirmed(deps, policy.version, signal),
    ]);
    const now = deps.now();
    // Never confirmed: a moment so long ago that nobody takes this copy for a fresh one.
    const checkedAtMs = confirmed ? now : (known?.checkedAtMs ?? 0);
    const document: KeysDocument = {
      schema: 1,
      version: nextVersion(keysStored, known, now),
      checkedAt: new Date(checkedAtMs).toISOString(),
      keys,
    };
    const written = await deps.own.writeKeys(document, keysStored?.etag ?? null, signal);
    deps.telemetry.log.info('refresh', {
      written,
      version: document.version,
      policyVersion: policy.version,
      confirmed,
      issuers: Object.keys(keys).length,
    });
    return { written, version: document.version };
  };
