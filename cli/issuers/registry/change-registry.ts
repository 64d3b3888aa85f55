import type { ChangeNote } from './audit.ts';
import { type ConvergeDeps, type Converged, converge } from './converge.ts';
import type { Merged } from './merge-regions.ts';
import { heldOf, isWritable, readRegions, reasonOf } from './read-regions.ts';
import type { RegionView } from './region.ts';
import { type Survey, survey } from './survey.ts';
import { type PolicyContent, type Written, writeNextVersion } from './write-policy.ts';

/** What to write. */
export type Change = { readonly content: PolicyContent; readonly note: ChangeNote };

export type Outcome =
  /** `written` is `null` when nothing had to be written. */
  | { readonly kind: 'done'; readonly written: Written | null; readonly converged: Converged }
  /** Another publisher came first; nothing was written. */
  | { readonly kind: 'overtaken'; readonly by: RegionView }
  /** Nothing could be written. */
  | { readonly kind: 'impossible'; readonly reason: string };

/** How a Region stands, as the end of a sentence that begins with its code. */
export const stateInWords = ({ state, region }: RegionView): string => {
  switch (state.kind) {
    case 'unreachable':
      return `does not answer (${state.reason})`;
    case 'refused':
      return `refuses (${state.reason})`;
    case 'unreadable':
      return `holds a policy.json that cannot be read (${state.reason}); it is never overwritten: remove registry/policy.json from ${region.bucket} (the bucket keeps its versions) and publish again`;
    case 'empty':
      return 'holds no policy.json';
    case 'held':
      return `holds version ${state.held.document.version}`;
  }
};

const impossible = (views: readonly RegionView[]): Outcome => ({
  kind: 'impossible',
  reason: views.map((view) => `${view.region.code} ${stateInWords(view)}`).join('; '),
});

const next = (view: RegionView, merged: Merged, change: Change, now: number): Promise<Written | null> =>
  writeNextVersion({ region: view.region, etag: heldOf(view)?.etag ?? null, merged, ...change, now });

/**
 * Writes a change that was shown to a person, over exactly what was read then: to the primary Region first, then to the others. It
 * is never tried again by itself: whoever else wrote meanwhile wins, and the caller is told. Throws if the primary Region fails.
 */
export const writeShown = async (deps: ConvergeDeps, shown: Survey, change: Change): Promise<Outcome> => {
  const [primary] = shown.views;
  if (primary === undefined || !isWritable(primary)) return impossible(shown.views.slice(0, 1));
  const written = await next(primary, shown.merged, change, deps.now());
  if (written === null) {
    const [by = primary] = await readRegions([primary.region]);
    return { kind: 'overtaken', by };
  }
  return { kind: 'done', written, converged: await converge(deps, change.note.who) };
};

const TRIES = 8;
const PAUSE_MS = 100;

/**
 * Writes a change that must not wait: to the first Region that takes it, then to all others. `decide` is asked again, with what is
 * then published, whenever somebody else wrote meanwhile; `null`: nothing to change. A Region that does not answer does not stop it.
 */
export const writeUrgent = async (
  deps: ConvergeDeps,
  who: string,
  decide: (merged: Merged) => Change | null,
): Promise<Outcome> => {
  const failures: string[] = [];
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const { views, merged } = await survey(deps.regions);
    const writable = views.filter(isWritable);
    if (writable.length === 0) return impossible(views);
    const change = decide(merged);
    if (change === null) return { kind: 'done', written: null, converged: await converge(deps, who) };
    for (const view of writable) {
      try {
        const written = await next(view, merged, change, deps.now());
        if (written !== null) return { kind: 'done', written, converged: await converge(deps, who) };
        break;
      } catch (error) {
        failures.push(`${view.region.code}: ${reasonOf(error)}`);
      }
    }
    await deps.pause(PAUSE_MS * tries);
  }
  return { kind: 'impossible', reason: failures.at(-1) ?? 'others keep writing at the same time; try again' };
};
