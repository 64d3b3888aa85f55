import { RETRY_AFTER_SECONDS } from '../core/contract/limits.ts';
import { Problem } from '../core/contract/problems.ts';
import type { RegionReason } from '../core/contract/states.ts';
import type { AuthorizedCall } from './call.ts';
import { chooseRegion, type RegionAnswer } from './choose-region.ts';
import { readViewer } from './viewer.ts';

export type RegionWishes = {
  readonly prefer?: string | undefined;
  readonly avoid?: readonly string[] | undefined;
  /** Whether drained Regions are left out; reading goes on there. */
  readonly takesUploads: boolean;
};

export type Chosen = { readonly region: string; readonly reason: RegionReason };

const refusalOf = (because: Extract<RegionAnswer, { ok: false }>['because']): Problem => {
  switch (because) {
    case 'limits':
      return new Problem('region_not_allowed', 'Ask for a Region: your issuer may use none of those deployed here.');
    case 'avoided':
      return new Problem('region_not_allowed', 'Name fewer avoidRegions: they leave none that your issuer may use.');
    case 'drained':
      return new Problem('region_unavailable', 'Try again later: every Region your issuer may use is being drained.', {
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      });
  }
};

/** Chooses for this caller at this place, or says what left no Region. */
export const askRegion = (call: AuthorizedCall, edgeRegion: string, wishes: RegionWishes): RegionAnswer => {
  const { config } = call.runtime;
  return call.steps.run('choose', () =>
    chooseRegion({
      deployed: config.regions,
      allowed: call.principal.limits.regions,
      drained: wishes.takesUploads ? call.registry.drain : new Set(),
      avoid: wishes.avoid ?? [],
      prefer: wishes.prefer ?? null,
      viewer: readViewer(call.request),
      edgeRegion,
      defaultRegion: config.defaultRegion,
    }),
  );
};

/** The Region for this call, noted for its log line. Throws `region_not_allowed` or `region_unavailable`. */
export const pickRegion = (call: AuthorizedCall, edgeRegion: string, wishes: RegionWishes): Chosen => {
  const answer = askRegion(call, edgeRegion, wishes);
  if (!answer.ok) throw refusalOf(answer.because);
  call.notes.region = answer.region;
  call.notes.regionReason = answer.reason;
  return answer;
};
