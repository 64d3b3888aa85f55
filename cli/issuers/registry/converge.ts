import { type ChangeNote, copyAudit } from './audit.ts';
import type { Merged } from './merge-regions.ts';
import { heldOf, isWritable, reasonOf } from './read-regions.ts';
import type { RegionView, RegistryRegion } from './region.ts';
import { type Survey, survey } from './survey.ts';
import { copyPolicy, writeNextVersion } from './write-policy.ts';

export type ConvergeDeps = {
  /** The primary Region first. */
  readonly regions: readonly RegistryRegion[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
};

/** How all Regions stand at the end, by a fresh reading. */
export type Converged = Survey & {
  /** By Region code: why the last write there failed. */
  readonly failures: ReadonlyMap<string, string>;
};

const TRIES = 6;
/** Tries that only wait for a Region that does not answer. */
const PATIENCE = 3;
const PAUSE_MS = 250;

const etagOf = (view: RegionView): string | null => heldOf(view)?.etag ?? null;

const isBehind = (view: RegionView, { newest }: Merged): boolean =>
  isWritable(view) && newest !== null && heldOf(view)?.digest !== newest.digest;

/** Makes a version that has everything revoked anywhere, with the newest entries. */
const unite = async (deps: ConvergeDeps, view: RegionView, merged: Merged, who: string): Promise<void> => {
  if (merged.newest === null) return;
  const diff = [`Regions differed: the entries of version ${merged.version} with the revocations of all`];
  const note: ChangeNote = { action: 'merge', who, reason: null, diff };
  const { issuers, drain } = merged.newest.document;
  const content = { issuers, drain, revocations: merged.revocations };
  await writeNextVersion({ region: view.region, etag: etagOf(view), merged, content, note, now: deps.now() });
};

const copyForward = async (views: readonly RegionView[], merged: Merged, view: RegionView): Promise<void> => {
  if (merged.newest === null) return;
  const { body, digest } = merged.newest;
  const source = views.find((one) => heldOf(one)?.digest === digest);
  if (source !== undefined) await copyAudit(source.region.store, view.region.store, digest);
  await copyPolicy(view.region, body, etagOf(view));
};

/**
 * Brings every Region to the newest policy: copied forward where the version is lower, never over one that is not older. Whoever
 * writes meanwhile is read again and joined. Ends by what a fresh reading shows, never by believing a write.
 */
export const converge = async (deps: ConvergeDeps, who: string): Promise<Converged> => {
  const failures = new Map<string, string>();
  const attempt = async ({ region }: RegionView, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      failures.delete(region.code);
    } catch (error) {
      failures.set(region.code, reasonOf(error));
    }
  };
  for (let tries = 1; ; tries += 1) {
    const { views, merged } = await survey(deps.regions);
    const behind = views.filter((view) => isBehind(view, merged));
    const silent = views.some(({ state }) => state.kind === 'unreachable');
    const settled = behind.length === 0 && !merged.divided;
    if (tries > TRIES || (settled && (!silent || tries > PATIENCE))) return { views, merged, failures };
    if (tries > 1) await deps.pause(PAUSE_MS * (tries - 1));
    const first = views.find(isWritable);
    if (merged.divided && first !== undefined) await attempt(first, () => unite(deps, first, merged, who));
    else await Promise.all(behind.map((view) => attempt(view, () => copyForward(views, merged, view))));
  }
};
