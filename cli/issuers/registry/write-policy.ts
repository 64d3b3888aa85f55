import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import type { RegistryStore } from '../store/registry-store.ts';
import { type AuditEntry, appendAudit, auditKey, type ChangeNote } from './audit.ts';
import type { Merged } from './merge-regions.ts';
import { digestOf } from './read-regions.ts';
import type { RegistryRegion, StoredPolicy } from './region.ts';

/** What a new version holds; version, time and name come when it is written. */
export type PolicyContent = Pick<StoredPolicy, 'issuers' | 'drain' | 'revocations'>;

/** Whether a write stands. A lost answer and a repeated request look alike, so what S3 then holds decides. */
const writeSettled = async (store: RegistryStore, body: string, etag: string | null): Promise<boolean> => {
  let failure: unknown;
  try {
    if ((await store.write(REGISTRY_KEYS.policy, body, etag)) === 'written') return true;
  } catch (error) {
    failure = error;
  }
  const stored = await store.read(REGISTRY_KEYS.policy);
  if (stored?.body === body) return true;
  // Nothing happened at all: that is the failure itself, not another writer.
  if (failure !== undefined && (stored?.etag ?? null) === etag) throw failure;
  return false;
};

/** A written version. */
export type Written = { readonly version: number; readonly digest: string; readonly body: string };

/**
 * Writes the next version to one Region, over exactly what was read there; first its audit entry, since a change that cannot be
 * audited is not made. `null`: somebody else came first. Throws if the Region does not answer.
 */
export const writeNextVersion = async (options: {
  readonly region: RegistryRegion;
  /** ETag of what the Region holds; `null`: nothing. */
  readonly etag: string | null;
  readonly merged: Merged;
  readonly content: PolicyContent;
  readonly note: ChangeNote;
  /** Milliseconds since 1970. */
  readonly now: number;
}): Promise<Written | null> => {
  const { region, etag, merged, content, note, now } = options;
  const at = new Date(now).toISOString();
  const { issuers, drain, revocations } = content;
  const version = merged.version + 1;
  const policy: StoredPolicy = {
    schema: 1,
    version,
    publishedAt: at,
    publishedBy: note.who,
    issuers,
    drain,
    revocations,
  };
  const body = JSON.stringify(policy);
  const digest = digestOf(body);
  const replaced = merged.held.map((held) => ({ version: held.document.version, digest: held.digest }));
  const entry: AuditEntry = { schema: 1, at, ...note, version, digest, replaced };
  await appendAudit(region.store, auditKey(entry), `${JSON.stringify(entry, null, 2)}\n`);
  return (await writeSettled(region.store, body, etag)) ? { version, digest, body } : null;
};

/** Copies a policy to a Region that holds an older one or none. `false`: the Region changed meanwhile. Throws if it does not answer. */
export const copyPolicy = (region: RegistryRegion, body: string, etag: string | null): Promise<boolean> =>
  writeSettled(region.store, body, etag);
