import * as v from 'valibot';
import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { digestOfKey } from './audit.ts';

const Entry = v.object({
  at: v.string(),
  action: v.string(),
  who: v.string(),
  reason: v.nullable(v.string()),
  version: v.number(),
  replaced: v.array(v.object({ version: v.number(), digest: v.string() })),
});

/** What the audit log tells of one version that was really published. */
export type RecentChange = Omit<v.InferOutput<typeof Entry>, 'replaced'>;

/**
 * The last changes that led to the policy `digest`, newest first, at most `most`: from audit entry to audit entry by what each
 * replaced, so that tries that lost are not among them. Ends where the log does. Throws if S3 does not answer.
 */
export const recentChanges = async (
  store: RegistryStore,
  digest: string,
  most: number,
): Promise<readonly RecentChange[]> => {
  const keys = new Map((await store.list(REGISTRY_KEYS.auditPrefix)).map((key) => [digestOfKey(key), key]));
  const changes: RecentChange[] = [];
  for (let next = digest; changes.length < most; ) {
    const key = keys.get(next);
    const stored = key === undefined ? null : await store.read(key);
    const entry = v.safeParse(Entry, JSON.parse(stored?.body ?? 'null'));
    if (!entry.success) break;
    const { replaced, ...change } = entry.output;
    changes.push(change);
    next = replaced.toSorted((one, other) => other.version - one.version)[0]?.digest ?? '';
  }
  return changes;
};
