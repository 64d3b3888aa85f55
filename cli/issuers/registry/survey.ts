import { findForerunners } from './forerunners.ts';
import { type Merged, mergeRegions, newestOf } from './merge-regions.ts';
import { heldOf, readRegions } from './read-regions.ts';
import type { RegionView, RegistryRegion } from './region.ts';
import { missingFrom, revocationsOf } from './revocation-list.ts';

/** Every Region as it stands, and what they amount to. */
export type Survey = { readonly views: readonly RegionView[]; readonly merged: Merged };

/** Digests of older policies that revoke something the newest does not: either it was lifted, or their Region was cut off. */
const doubtful = (views: readonly RegionView[]): ReadonlySet<string> => {
  const newest = newestOf(views);
  if (newest === null) return new Set();
  const held = views.flatMap((view) => heldOf(view) ?? []);
  const older = held.filter(({ document }) => document.version < newest.document.version);
  const more = older.filter(
    ({ document }) => missingFrom(newest.document.revocations, revocationsOf(document.revocations)).length > 0,
  );
  return new Set(more.map(({ digest }) => digest));
};

/** If the audit log cannot be read, every doubtful policy counts as a stranger: that only keeps what is revoked. */
const forerunnersAmong = async (
  source: RegionView,
  digest: string,
  candidates: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  try {
    return await findForerunners(source.region.store, digest, candidates);
  } catch {
    return new Set();
  }
};

/** Reads and joins all Regions. Never throws for a Region that cannot be read. */
export const survey = async (regions: readonly RegistryRegion[]): Promise<Survey> => {
  const views = await readRegions(regions);
  const newest = newestOf(views);
  const source = views.find((view) => newest !== null && heldOf(view)?.digest === newest.digest);
  const candidates = doubtful(views);
  if (newest === null || source === undefined) return { views, merged: mergeRegions(views, new Set()) };
  return { views, merged: mergeRegions(views, await forerunnersAmong(source, newest.digest, candidates)) };
};
