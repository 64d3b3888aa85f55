import { countryPlace } from '../core/config/countries.ts';
import { regionByName } from '../core/config/regions.ts';
import type { RegionReason } from '../core/contract/states.ts';
import { byDistance, type Place } from './distance.ts';
import type { Viewer } from './viewer.ts';

export type RegionQuestion = {
  /** Every deployed Region, by code. */
  readonly deployed: Readonly<Record<string, Place>>;
  /** Codes the issuer may use. */
  readonly allowed: readonly string[];
  /** Codes that take no new uploads. */
  readonly drained: ReadonlySet<string>;
  /** Codes the caller does not want. */
  readonly avoid: readonly string[];
  /** The code the caller would like best. */
  readonly prefer: string | null;
  readonly viewer: Viewer;
  /** AWS's name of the Region this function runs in, such as `eu-west-1`. */
  readonly edgeRegion: string;
  /** Code of the configured default. */
  readonly defaultRegion: string;
};

/** The Region and the rule that decided, or what left none. */
export type RegionAnswer =
  | { readonly ok: true; readonly region: string; readonly reason: RegionReason }
  | { readonly ok: false; readonly because: 'limits' | 'avoided' | 'drained' };

type Origin = { readonly place: Place; readonly rule: RegionReason };

/** The point nearness is measured from: the best that is known. */
const originOf = ({ viewer, edgeRegion, deployed, defaultRegion }: RegionQuestion): Origin => {
  const { lat, lon, country } = viewer;
  if (lat !== null && lon !== null) return { place: { lat, lon }, rule: 'viewer-location' };
  const land = country === null ? undefined : countryPlace(country);
  if (land !== undefined) return { place: land, rule: 'viewer-country' };
  const here = regionByName(edgeRegion);
  if (here !== undefined) return { place: here, rule: 'edge-region' };
  return { place: deployed[defaultRegion] ?? { lat: 0, lon: 0 }, rule: 'default' };
};

/** What left no Region. Drains that empty the choice by themselves pass by; whatever the caller or its issuer did does not. */
const emptiness = (legal: readonly string[], question: RegionQuestion): RegionAnswer => {
  if (legal.length === 0) return { ok: false, because: 'limits' };
  if (legal.every((code) => question.avoid.includes(code))) return { ok: false, because: 'avoided' };
  const drained = legal.every((code) => question.drained.has(code));
  return { ok: false, because: drained ? 'drained' : 'avoided' };
};

/** Why not the nearest of all; the first cause that holds. */
const removalOf = (nearest: string, legal: readonly string[], question: RegionQuestion): RegionReason | undefined => {
  if (!legal.includes(nearest)) return 'residency';
  if (question.drained.has(nearest)) return 'drained';
  return question.avoid.includes(nearest) ? 'avoided' : undefined;
};

/**
 * Chooses the Region of a new upload: allowed ∩ deployed, not drained, not avoided; of these the preferred one, else the
 * nearest to the viewer's place, country, the Region this runs in, or the default. Pure; equal distances go by code.
 */
export const chooseRegion = (question: RegionQuestion): RegionAnswer => {
  const deployed = Object.keys(question.deployed);
  const legal = deployed.filter((code) => question.allowed.includes(code));
  const open = legal.filter((code) => !question.drained.has(code) && !question.avoid.includes(code));
  const origin = originOf(question);
  const [nearestOpen] = byDistance(origin.place, open, question.deployed);
  const [nearest] = byDistance(origin.place, deployed, question.deployed);
  if (nearestOpen === undefined || nearest === undefined) return emptiness(legal, question);
  const preferred = question.prefer !== null && open.includes(question.prefer) ? question.prefer : undefined;
  const region = preferred ?? nearestOpen;
  if (legal.length === 1 && deployed.length > 1) return { ok: true, region, reason: 'residency' };
  if (preferred !== undefined) return { ok: true, region, reason: 'preferred' };
  return { ok: true, region, reason: removalOf(nearest, legal, question) ?? origin.rule };
};
