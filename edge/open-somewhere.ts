import { RETRY_AFTER_SECONDS } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';
import type { OpenMultipart } from '../core/objects/list-multiparts.ts';
import type { AuthorizedCall } from './call.ts';
import { askRegion, type Chosen, pickRegion, type RegionWishes } from './pick-region.ts';

/** What is kept for another Region while there is one, in milliseconds: connecting, a handshake and an answer of the next one. */
const NEXT_REGION_MS = 600;
/** With less than this left nobody is asked. */
const LEAST_MS = 100;

/** Opens an upload in one Region within `timeoutMs`, or rejects. */
export type OpenIn = (region: string, timeoutMs: number) => Promise<OpenMultipart>;

/** Nobody could be asked, or nobody answered as it should. */
export const s3Unavailable = (cause: unknown): Problem =>
  new Problem('upstream_unavailable', 'S3 did not answer in time; try again.', {
    cause,
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
  });

/**
 * Opens an upload in the Region of the caller's choice or, when that fails, in the next that policy allows, as long as the
 * request has time. Throws what `pickRegion` throws, and `upstream_unavailable` when every Region failed.
 */
export const openSomewhere = async (
  call: AuthorizedCall,
  edgeRegion: string,
  wishes: RegionWishes,
  openIn: OpenIn,
): Promise<Chosen & { readonly open: OpenMultipart }> => {
  const { budget, notes, steps } = call;
  const avoid = [...(wishes.avoid ?? [])];
  let chosen = pickRegion(call, edgeRegion, wishes);
  for (;;) {
    const { region } = chosen;
    avoid.push(region);
    const next = askRegion(call, edgeRegion, { ...wishes, avoid });
    const left = budget.left();
    const timeoutMs = next.ok ? Math.max(Math.floor(left / 2), left - NEXT_REGION_MS) : left;
    try {
      return { ...chosen, open: await steps.runAsync('multipart', () => openIn(region, timeoutMs)) };
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      notes.failover = `${notes.failover === undefined ? '' : `${notes.failover}; `}${region}: ${why}`;
      if (!next.ok || budget.left() < LEAST_MS) throw s3Unavailable(cause);
      chosen = { region: next.region, reason: 'failover' };
      notes.region = next.region;
      notes.regionReason = 'failover';
    }
  }
};
