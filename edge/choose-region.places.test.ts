import { describe, expect, it } from 'vitest';
import { regionByCode } from '../core/config/regions.ts';
import { chooseRegion } from './choose-region.ts';
import { distanceKm, type Place } from './distance.ts';

const deployment = (codes: readonly string[]): Record<string, Place> =>
  Object.fromEntries(codes.map((code) => [code, regionByCode(code) ?? { lat: 0, lon: 0 }]));

const THREE = deployment(['euw1', 'use1', 'apse2']);
const TEN = deployment(['euw1', 'euc1', 'use1', 'usw2', 'sae1', 'afs1', 'aps1', 'apse1', 'apse2', 'apne1']);

/** Where, its country, and the Region a map shows for three Regions and for ten. */
const PLACES: readonly (readonly [
  place: string,
  lat: number,
  lon: number,
  country: string,
  three: string,
  ten: string,
])[] = [
  ['Dublin', 53.35, -6.26, 'IE', 'euw1', 'euw1'],
  ['London', 51.51, -0.13, 'GB', 'euw1', 'euw1'],
  ['Lisbon', 38.72, -9.14, 'PT', 'euw1', 'euw1'],
  ['Reykjavik', 64.15, -21.94, 'IS', 'euw1', 'euw1'],
  ['Paris', 48.86, 2.35, 'FR', 'euw1', 'euc1'],
  ['Berlin', 52.52, 13.4, 'DE', 'euw1', 'euc1'],
  ['Rome', 41.9, 12.5, 'IT', 'euw1', 'euc1'],
  ['Stockholm', 59.33, 18.07, 'SE', 'euw1', 'euc1'],
  ['Warsaw', 52.23, 21.01, 'PL', 'euw1', 'euc1'],
  ['Kyiv', 50.45, 30.52, 'UA', 'euw1', 'euc1'],
  ['Moscow', 55.76, 37.62, 'RU', 'euw1', 'euc1'],
  ['Istanbul', 41.01, 28.98, 'TR', 'euw1', 'euc1'],
  ['Cairo', 30.04, 31.24, 'EG', 'euw1', 'euc1'],
  ['Tel Aviv', 32.09, 34.78, 'IL', 'euw1', 'euc1'],
  ['Nairobi', -1.29, 36.82, 'KE', 'euw1', 'afs1'],
  ['Johannesburg', -26.2, 28.05, 'ZA', 'euw1', 'afs1'],
  ['Cape Town', -33.92, 18.42, 'ZA', 'euw1', 'afs1'],
  ['Luanda', -8.84, 13.23, 'AO', 'euw1', 'afs1'],
  ['Tehran', 35.69, 51.39, 'IR', 'euw1', 'aps1'],
  ['Dubai', 25.2, 55.27, 'AE', 'euw1', 'aps1'],
  ['Karachi', 24.86, 67.0, 'PK', 'euw1', 'aps1'],
  ['Mumbai', 19.08, 72.88, 'IN', 'euw1', 'aps1'],
  ['Delhi', 28.61, 77.21, 'IN', 'euw1', 'aps1'],
  ['Dhaka', 23.81, 90.41, 'BD', 'euw1', 'aps1'],
  ['Colombo', 6.93, 79.86, 'LK', 'apse2', 'aps1'],
  ['Bangkok', 13.76, 100.5, 'TH', 'apse2', 'apse1'],
  ['Kuala Lumpur', 3.14, 101.69, 'MY', 'apse2', 'apse1'],
  ['Singapore', 1.35, 103.82, 'SG', 'apse2', 'apse1'],
  ['Jakarta', -6.21, 106.85, 'ID', 'apse2', 'apse1'],
  ['Manila', 14.6, 120.98, 'PH', 'apse2', 'apse1'],
  ['Hong Kong', 22.32, 114.17, 'HK', 'apse2', 'apse1'],
  ['Taipei', 25.03, 121.57, 'TW', 'apse2', 'apne1'],
  ['Shanghai', 31.23, 121.47, 'CN', 'apse2', 'apne1'],
  ['Beijing', 39.9, 116.41, 'CN', 'euw1', 'apne1'],
  ['Seoul', 37.57, 126.98, 'KR', 'apse2', 'apne1'],
  ['Tokyo', 35.68, 139.69, 'JP', 'apse2', 'apne1'],
  ['Perth', -31.95, 115.86, 'AU', 'apse2', 'apse2'],
  ['Melbourne', -37.81, 144.96, 'AU', 'apse2', 'apse2'],
  ['Sydney', -33.87, 151.21, 'AU', 'apse2', 'apse2'],
  ['Auckland', -36.85, 174.76, 'NZ', 'apse2', 'apse2'],
  ['Suva', -18.14, 178.44, 'FJ', 'apse2', 'apse2'],
  ['Apia, across the date line', -13.83, -171.77, 'WS', 'apse2', 'apse2'],
  ['Honolulu', 21.31, -157.86, 'US', 'use1', 'usw2'],
  ['Anchorage', 61.22, -149.9, 'US', 'use1', 'usw2'],
  ['Seattle', 47.61, -122.33, 'US', 'use1', 'usw2'],
  ['San Francisco', 37.77, -122.42, 'US', 'use1', 'usw2'],
  ['Los Angeles', 34.05, -118.24, 'US', 'use1', 'usw2'],
  ['Denver', 39.74, -104.99, 'US', 'use1', 'usw2'],
  ['Dallas', 32.78, -96.8, 'US', 'use1', 'use1'],
  ['Chicago', 41.88, -87.63, 'US', 'use1', 'use1'],
  ['New York', 40.71, -74.01, 'US', 'use1', 'use1'],
  ['Toronto', 43.65, -79.38, 'CA', 'use1', 'use1'],
  ['Miami', 25.76, -80.19, 'US', 'use1', 'use1'],
  ['Mexico City', 19.43, -99.13, 'MX', 'use1', 'use1'],
  ['Bogota', 4.71, -74.07, 'CO', 'use1', 'use1'],
  ['Lima', -12.05, -77.04, 'PE', 'use1', 'sae1'],
  ['Santiago', -33.45, -70.67, 'CL', 'use1', 'sae1'],
  ['Buenos Aires', -34.6, -58.38, 'AR', 'use1', 'sae1'],
  ['Sao Paulo', -23.55, -46.63, 'BR', 'use1', 'sae1'],
  ['Recife', -8.05, -34.88, 'BR', 'use1', 'sae1'],
];

const choose = (
  deployed: Record<string, Place>,
  viewer: { lat: number | null; lon: number | null; country: string | null },
) =>
  chooseRegion({
    deployed,
    allowed: Object.keys(deployed),
    drained: new Set(),
    avoid: [],
    prefer: null,
    viewer,
    edgeRegion: 'us-east-1',
    defaultRegion: 'use1',
  });

describe.each(PLACES)('%s', (_, lat, lon, country, three, ten) => {
  it(`is sent to ${three} of three and ${ten} of ten by its place`, () => {
    const viewer = { lat, lon, country: null };
    expect(choose(THREE, viewer)).toEqual({ ok: true, region: three, reason: 'viewer-location' });
    expect(choose(TEN, viewer)).toEqual({ ok: true, region: ten, reason: 'viewer-location' });
  });

  it('is sent by its place, whatever country is said', () => {
    expect(choose(TEN, { lat, lon, country: country === 'AU' ? 'IE' : 'AU' })).toMatchObject({ region: ten });
  });
});

/** Countries whose people are, taken together, where this map shows. */
const COUNTRIES: readonly (readonly [country: string, three: string, ten: string])[] = [
  ['IE', 'euw1', 'euw1'],
  ['GB', 'euw1', 'euw1'],
  ['FR', 'euw1', 'euc1'],
  ['DE', 'euw1', 'euc1'],
  ['SE', 'euw1', 'euc1'],
  ['RU', 'euw1', 'euc1'],
  ['EG', 'euw1', 'euc1'],
  ['KE', 'euw1', 'afs1'],
  ['ZA', 'euw1', 'afs1'],
  ['AE', 'euw1', 'aps1'],
  ['IN', 'euw1', 'aps1'],
  ['LK', 'apse2', 'aps1'],
  ['TH', 'apse2', 'apse1'],
  ['SG', 'apse2', 'apse1'],
  ['ID', 'apse2', 'apse1'],
  ['TW', 'apse2', 'apne1'],
  ['KR', 'apse2', 'apne1'],
  ['JP', 'apse2', 'apne1'],
  ['AU', 'apse2', 'apse2'],
  ['NZ', 'apse2', 'apse2'],
  ['US', 'use1', 'use1'],
  ['CA', 'use1', 'use1'],
  ['MX', 'use1', 'use1'],
  ['PE', 'use1', 'sae1'],
  ['BR', 'use1', 'sae1'],
  ['AR', 'use1', 'sae1'],
];

describe('a caller of whom only the country is known', () => {
  it.each(COUNTRIES)('%s is sent to %s of three and %s of ten', (country, three, ten) => {
    const viewer = { lat: null, lon: null, country };
    expect(choose(THREE, viewer)).toEqual({ ok: true, region: three, reason: 'viewer-country' });
    expect(choose(TEN, viewer)).toEqual({ ok: true, region: ten, reason: 'viewer-country' });
  });
});

describe('distance', () => {
  it.each([
    ['Dublin and London', [53.35, -6.26], [51.51, -0.13], 464],
    ['Sydney and Auckland', [-33.87, 151.21], [-36.85, 174.76], 2_156],
    ['Suva and Apia, across the date line', [-18.14, 178.44], [-13.83, -171.77], 1_150],
    ['the poles', [90, 0], [-90, 0], 20_015],
    ['a place and itself', [1.35, 103.82], [1.35, 103.82], 0],
  ])('between %s is within 1%% of what an atlas says', (_, [aLat = 0, aLon = 0], [bLat = 0, bLon = 0], km) => {
    const found = distanceKm({ lat: aLat, lon: aLon }, { lat: bLat, lon: bLon });
    expect(Math.abs(found - km)).toBeLessThanOrEqual(km * 0.01);
  });
});
