import * as v from 'valibot';
import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { digestOfKey } from './audit.ts';

const Chained = v.object({ replaced: v.array(v.object({ digest: v.string() })) });

/** Entries read at most: far more than Regions ever lag behind. */
const READS_MAX = 200;

const replacedBy = async (store: RegistryStore, key: string): Promise<readonly string[]> => {
  const stored = await store.read(key);
  if (stored === null) return [];
  const entry = v.safeParse(Chained, JSON.parse(stored.body));
  return entry.success ? entry.output.replaced.map(({ digest }) => digest) : [];
};

/**
 * Which of `candidates` came before the policy `digest`: the audit entry of every policy names those it replaced. One that is not
 * found to be a forerunner may still be one; taking it for a stranger only keeps a revocation.
 */
export const findForerunners = async (
  store: RegistryStore,
  digest: string,
  candidates: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  if (candidates.size === 0) return found;
  const keys = new Map((await store.list(REGISTRY_KEYS.auditPrefix)).map((key) => [digestOfKey(key), key]));
  const seen = new Set([digest]);
  const open = [digest];
  for (let reads = 0; reads < READS_MAX && found.size < candidates.size; reads += 1) {
    const key = keys.get(open.shift() ?? '');
    if (key === undefined) {
      if (open.length === 0) break;
      continue;
    }
    for (const replaced of await replacedBy(store, key)) {
      if (candidates.has(replaced)) found.add(replaced);
      if (!seen.has(replaced)) open.push(replaced);
      seen.add(replaced);
    }
  }
  return found;
};
