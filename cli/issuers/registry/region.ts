import type * as v from 'valibot';
import type { PolicyDocumentSchema } from '../../../core/contract/registry.ts';
import type { RegistryStore } from '../store/registry-store.ts';

/** One Region whose registry is published to. */
export type RegistryRegion = {
  /** Such as `euw1`. */
  readonly code: string;
  /** AWS's name, such as `eu-west-1`. */
  readonly name: string;
  /** Its registry bucket. */
  readonly bucket: string;
  readonly store: RegistryStore;
  /** Asks the Region's refresher to run now. Throws if the queue does not take it. */
  readonly askRefresher: (policyVersion: number) => Promise<void>;
};

/** `policy.json` as it lies in a Region: its entries are not parsed, so that a faulty one is carried along as it is. */
export type StoredPolicy = v.InferOutput<typeof PolicyDocumentSchema>;

/** A Region's policy and exactly how it is stored. */
export type HeldPolicy = {
  readonly document: StoredPolicy;
  readonly body: string;
  readonly etag: string;
  /** SHA-256 of the body, 64 lower-case hex. */
  readonly digest: string;
};

/** How a Region's `policy.json` stands. */
export type RegionState =
  | { readonly kind: 'held'; readonly held: HeldPolicy }
  /** The bucket answers and has none. */
  | { readonly kind: 'empty' }
  /** There is one, but not one that can be read; it is never overwritten. */
  | { readonly kind: 'unreadable'; readonly reason: string }
  /** S3 answers and refuses. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** Nobody answers. */
  | { readonly kind: 'unreachable'; readonly reason: string };

export type RegionView = { readonly region: RegistryRegion; readonly state: RegionState };
