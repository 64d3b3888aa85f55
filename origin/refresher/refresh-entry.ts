import { ORIGIN_METRICS } from '../../core/config/metrics.ts';
import type { FetchedKeySet } from '../../core/contract/registry.ts';
import type { KeyCopy } from '../../core/identity/parse-keys.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { FetchKeySet } from './fetch-key-set.ts';
import { type FetchedEntry, type NextCopy, nextCopy, type ProviderAnswer } from './next-keys.ts';

export type RefreshEntryDeps = {
  readonly fetchKeySet: FetchKeySet;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly telemetry: Telemetry;
};

const ask = async (fetchKeySet: FetchKeySet, url: string): Promise<ProviderAnswer> => {
  try {
    return { ok: true, bytes: await fetchKeySet(url) };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
};

const tell = ({ log, measure }: Telemetry, issuer: string, next: NextCopy): void => {
  const { copy, result, warnings, withdrawn } = next;
  measure.count(ORIGIN_METRICS.keySetFetches, { issuer, result: copy.status });
  if (warnings.length > 0) log.warn('keys left out', { issuer, warnings });
  if (result !== 'ok') log.warn('key set kept', { issuer, status: copy.status, reason: result });
  if (!withdrawn) return;
  measure.count(ORIGIN_METRICS.keySetWithdrawn, { issuer });
  // An alarm cannot look over all issuers: it watches the same metric without that dimension.
  measure.count(ORIGIN_METRICS.keySetWithdrawn, {});
  log.warn('the provider publishes none of the keys it had', { issuer, status: copy.status });
};

/** Asks one provider, once, and gives its issuer's next copy. Never throws. */
export const refreshEntry = async (
  { fetchKeySet, now, random, telemetry }: RefreshEntryDeps,
  entry: FetchedEntry,
  known: KeyCopy | undefined,
): Promise<FetchedKeySet> => {
  const answer = await ask(fetchKeySet, entry.keys.jwksUri);
  const next = nextCopy(entry, known, answer, { nowMs: now(), random: random() });
  tell(telemetry, entry.id, next);
  return next.copy;
};
