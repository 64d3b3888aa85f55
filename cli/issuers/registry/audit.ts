import { REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import type { RegistryStore } from '../store/registry-store.ts';

/** Everything that writes `policy.json`. `merge` joins Regions that came to differ while one was cut off. */
export const AUDITED = ['publish', 'rollback', 'revoke', 'unrevoke', 'disable', 'enable', 'merge'] as const;
export type AuditedAction = (typeof AUDITED)[number];

/** What a change says about itself. */
export type ChangeNote = {
  readonly action: AuditedAction;
  /** The caller's AWS identity. */
  readonly who: string;
  /** Why, in the caller's words; `null` for what needs no reason. */
  readonly reason: string | null;
  /** What changes, in words. */
  readonly diff: readonly string[];
};

/** One object of the audit log. It is written before the policy: an entry whose digest no policy has is a try that did not win. */
export type AuditEntry = ChangeNote & {
  readonly schema: 1;
  readonly at: string;
  readonly version: number;
  /** SHA-256 of the new `policy.json`. */
  readonly digest: string;
  /** Every different policy that some Region held before. */
  readonly replaced: readonly { readonly version: number; readonly digest: string }[];
};

/** `registry/audit/{time}-{digest}.json`: in the order of time, and found by the policy it tells of. */
export const auditKey = ({ at, digest }: Pick<AuditEntry, 'at' | 'digest'>): string =>
  `${REGISTRY_KEYS.auditPrefix}${at}-${digest}.json`;

/** The digest of the policy that an audit entry tells of; empty if the key is none of an audit entry. */
export const digestOfKey = (key: string): string => /-([0-9a-f]{64})\.json$/.exec(key)?.[1] ?? '';

/** Appends to a Region's audit log; an entry that is there already stays as it is. */
export const appendAudit = async (store: RegistryStore, key: string, body: string): Promise<void> => {
  await store.write(key, body, null);
};

/** Copies the audit entries of one policy from Region to Region, so that a Region that was behind can tell where its policy came from. */
export const copyAudit = async (from: RegistryStore, to: RegistryStore, digest: string): Promise<void> => {
  const keys = await from.list(REGISTRY_KEYS.auditPrefix);
  for (const key of keys.filter((name) => name.endsWith(`-${digest}.json`))) {
    const stored = await from.read(key);
    if (stored !== null) await appendAudit(to, key, stored.body);
  }
};
