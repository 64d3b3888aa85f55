import { NO_REVOCATIONS, REGISTRY_KEYS } from '../../../core/contract/registry.ts';
import type { ConvergeDeps } from '../registry/converge.ts';
import type { RegistryRegion, StoredPolicy } from '../registry/region.ts';
import { createMemoryStore, type MemoryStore } from './memory-store.ts';

/** A policy as it is stored. */
export const storedPolicy = (version: number, change: Partial<StoredPolicy> = {}): StoredPolicy => ({
  schema: 1,
  version,
  publishedAt: '2026-11-20T00:00:00.000Z',
  publishedBy: 'test',
  issuers: [],
  drain: [],
  revocations: NO_REVOCATIONS,
  ...change,
});

export type MemoryRegion = RegistryRegion & {
  readonly store: MemoryStore;
  /** Policy versions its refresher was told of. */
  readonly asked: number[];
  /** What it holds; throws if that is nothing. */
  policy(): StoredPolicy;
  /** Bodies of its audit log, in the order of their keys. */
  audit(): readonly {
    readonly action: string;
    readonly who: string;
    readonly version: number;
    readonly reason: string | null;
  }[];
};

const NAMES: Readonly<Record<string, string>> = { euw1: 'eu-west-1', use1: 'us-east-1', apse2: 'ap-southeast-2' };

/** Regions in memory, the first is the primary; `policies` by code say what they hold. */
export const memoryRegions = (policies: Readonly<Record<string, StoredPolicy | null>>): readonly MemoryRegion[] =>
  Object.entries(policies).map(([code, policy]) => {
    const store = createMemoryStore(policy === null ? {} : { [REGISTRY_KEYS.policy]: JSON.stringify(policy) });
    const asked: number[] = [];
    return {
      code,
      name: NAMES[code] ?? code,
      bucket: `registry-${code}`,
      store,
      asked,
      askRefresher: async (version) => {
        if (store.faults.down) throw new Error('connect ECONNREFUSED');
        asked.push(version);
      },
      policy: () => JSON.parse(store.body(REGISTRY_KEYS.policy) ?? 'null') as StoredPolicy,
      audit: () =>
        store
          .keys()
          .filter((key) => key.startsWith(REGISTRY_KEYS.auditPrefix))
          .map((key) => JSON.parse(store.body(key) ?? 'null')),
    };
  });

/** The three Regions of most tests, all with this policy. */
export const threeRegions = (policy: StoredPolicy | null) => {
  const regions = memoryRegions({ euw1: policy, use1: policy, apse2: policy });
  const [euw1, use1, apse2] = regions;
  if (euw1 === undefined || use1 === undefined || apse2 === undefined) throw new Error('three Regions are made');
  return { regions, euw1, use1, apse2 };
};

/** A clock that gives every call its own second, and no pauses. */
export const convergeDeps = (regions: readonly RegistryRegion[], startMs = Date.UTC(2026, 10, 21)): ConvergeDeps => {
  let now = startMs;
  return {
    regions,
    now: () => {
      now += 1_000;
      return now;
    },
    pause: async () => undefined,
  };
};
