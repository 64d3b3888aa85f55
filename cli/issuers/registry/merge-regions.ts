import { NO_REVOCATIONS, type Revocations } from '../../../core/contract/registry.ts';
import { heldOf } from './read-regions.ts';
import type { HeldPolicy, RegionView } from './region.ts';
import { missingFrom, revocationsOf, uniteRevocations } from './revocation-list.ts';

/** What all Regions that can be read amount to. */
export type Merged = {
  /** The highest version; 0 if nothing is published anywhere. */
  readonly version: number;
  /** The policy of that version, from the first Region that has it; `null` if nothing is published. */
  readonly newest: HeldPolicy | null;
  /** Every different policy that some Region holds. */
  readonly held: readonly HeldPolicy[];
  /** What is revoked by the newest policy, and by every other that is none of its forerunners. */
  readonly revocations: Revocations;
  /** Whether that is more than the newest policy has, or two Regions have different policies under its version: only a newer version mends that. */
  readonly divided: boolean;
};

/** The policy with the highest version; of several, that of the Region named first. */
export const newestOf = (views: readonly RegionView[]): HeldPolicy | null =>
  views
    .flatMap((view) => heldOf(view) ?? [])
    .reduce<HeldPolicy | null>(
      (best, one) => (best === null || one.document.version > best.document.version ? one : best),
      null,
    );

/**
 * Joins what the Regions hold. Entries and drained Regions are those of the newest policy. Revocations are those of all, so that
 * none is lost that was written while a Region was cut off; only a forerunner of the newest policy (its digest is in
 * `forerunners`) brings none back, since what the newest has less was lifted on purpose.
 */
export const mergeRegions = (views: readonly RegionView[], forerunners: ReadonlySet<string>): Merged => {
  const newest = newestOf(views);
  const byDigest = new Map(views.flatMap((view) => heldOf(view) ?? []).map((one) => [one.digest, one]));
  const held = [...byDigest.values()];
  if (newest === null) return { version: 0, newest, held, revocations: NO_REVOCATIONS, divided: false };
  const { version, revocations: own } = newest.document;
  const strangers = held.filter(({ digest }) => !forerunners.has(digest));
  const revocations = strangers.reduce((all, { document }) => uniteRevocations(all, document.revocations), own);
  const grown = missingFrom(own, revocationsOf(revocations)).length > 0;
  const forked = held.some(({ document, digest }) => document.version === version && digest !== newest.digest);
  return { version, newest, held, revocations, divided: grown || forked };
};
