import { stateInWords } from '../registry/change-registry.ts';
import type { Converged } from '../registry/converge.ts';
import { heldOf, reasonOf } from '../registry/read-regions.ts';
import type { RegionView } from '../registry/region.ts';
import { type Operator, print } from './operator.ts';

/** How one Region ended. */
export type RegionReport = {
  readonly region: string;
  readonly version: number | null;
  /** Whether a fresh reading shows what it should hold. */
  readonly ok: boolean;
  readonly reached: boolean;
  readonly detail: string;
};

/** Whether a Region that reads back is told to fetch key sets at once; a queue in trouble only costs the minute until it does so anyway. */
const askRefresher = async ({ region }: RegionView, version: number): Promise<string> => {
  try {
    await region.askRefresher(version);
    return 'its refresher is asked';
  } catch (error) {
    return `its refresher could not be asked (${reasonOf(error)}) and runs within a minute anyway`;
  }
};

/**
 * Reports every Region by what was read back, and asks the refreshers of those that are done. `isDone` says whether a Region's policy is
 * as it should be.
 */
export const reportRegions = async (
  operator: Operator,
  converged: Converged,
  isDone: (view: RegionView) => boolean,
): Promise<readonly RegionReport[]> => {
  const reports = await Promise.all(
    converged.views.map(async (view): Promise<RegionReport> => {
      const version = heldOf(view)?.document.version ?? null;
      const reached = view.state.kind !== 'unreachable';
      const { code } = view.region;
      if (version !== null && isDone(view)) {
        const asked = await askRefresher(view, version);
        return { region: code, version, ok: true, reached, detail: `reads back version ${version}; ${asked}` };
      }
      const failure = converged.failures.get(code);
      const detail = `NOT DONE: ${stateInWords(view)}${failure === undefined ? '' : `; its last write failed: ${failure}`}`;
      return { region: code, version, ok: false, reached, detail };
    }),
  );
  for (const report of reports) print(operator, report, `${report.region.padEnd(6)} ${report.detail}`);
  return reports;
};

/** Whether a Region holds the newest policy of all. */
export const holdsNewest =
  ({ merged }: Converged) =>
  (view: RegionView): boolean =>
    merged.newest !== null && heldOf(view)?.digest === merged.newest.digest && !merged.divided;
