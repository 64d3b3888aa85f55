import { LOCAL_ENV } from '../../core/config/gate.ts';
import { type Cell, LOCAL_ACCOUNT } from '../../core/config/names.ts';
import { regionByCode } from '../../core/config/regions.ts';

/** One Region of the local platform. */
export interface LocalCell extends Cell {
  readonly code: string;
  readonly lat: number;
  readonly lon: number;
  /** Host name of its API as AWS would give it; only the local CloudFront knows it. */
  readonly apiHost: string;
}

/** The Region for callers about whom nothing is known. */
export const DEFAULT_REGION = 'euw1';

/** The Regions of the local platform: one on each of three continents. */
export const CELLS: readonly LocalCell[] = ['euw1', 'use1', 'apse2'].map((code) => {
  const region = regionByCode(code);
  if (!region) throw new Error(`${code} is no Region`);
  return {
    env: LOCAL_ENV,
    account: LOCAL_ACCOUNT,
    region: region.name,
    code,
    lat: region.lat,
    lon: region.lon,
    apiHost: `${`n${code}`.padEnd(10, '0')}.execute-api.${region.name}.amazonaws.com`,
  };
});
