import { describe, expect, it } from 'vitest';
import { AWS_REGIONS, regionByCode } from '../core/config/regions.ts';
import { chooseRegion, type RegionQuestion } from './choose-region.ts';

const deployed = Object.fromEntries(
  ['euw1', 'euc1', 'use1', 'apse2'].map((code) => [code, regionByCode(code) ?? { lat: 0, lon: 0 }]),
);

/** From Dublin the order is euw1, euc1, use1, apse2. */
const DUBLIN: RegionQuestion = {
  deployed,
  allowed: ['euw1', 'euc1', 'use1', 'apse2'],
  drained: new Set(),
  avoid: [],
  prefer: null,
  viewer: { lat: 53.35, lon: -6.26, country: 'IE' },
  edgeRegion: 'eu-west-1',
  defaultRegion: 'use1',
};
const NOWHERE = { lat: null, lon: null, country: null };

type Case = readonly [what: string, change: Partial<RegionQuestion>, region: string, reason: string];

const CHOICES: readonly Case[] = [
  ['nearest by place', {}, 'euw1', 'viewer-location'],
  ['nearest by country', { viewer: { ...NOWHERE, country: 'IE' } }, 'euw1', 'viewer-country'],
  ['half a place is none', { viewer: { lat: -33, lon: null, country: 'IE' } }, 'euw1', 'viewer-country'],
  ['a country that is none', { viewer: { ...NOWHERE, country: 'T1' } }, 'euw1', 'edge-region'],
  ['the Region of the function', { viewer: NOWHERE, edgeRegion: 'ap-southeast-2' }, 'apse2', 'edge-region'],
  ['nearest to a Region that is not deployed', { viewer: NOWHERE, edgeRegion: 'us-west-2' }, 'use1', 'edge-region'],
  ['the default', { viewer: NOWHERE, edgeRegion: 'xx-north-9' }, 'use1', 'default'],
  [
    'nearest to a default that is drained',
    { viewer: NOWHERE, edgeRegion: '', drained: new Set(['use1']) },
    'euw1',
    'drained',
  ],

  ['one Region left', { allowed: ['apse2'] }, 'apse2', 'residency'],
  ['one Region left, which is the nearest', { allowed: ['euw1'] }, 'euw1', 'residency'],
  ['one Region left, and preferred', { allowed: ['use1'], prefer: 'use1' }, 'use1', 'residency'],
  ['one of the allowed Regions is deployed', { allowed: ['use1', 'sae1'] }, 'use1', 'residency'],
  ['the nearest is not allowed', { allowed: ['euc1', 'use1'] }, 'euc1', 'residency'],
  ['another than the nearest is not allowed', { allowed: ['euw1', 'use1'] }, 'euw1', 'viewer-location'],
  ['the only Region deployed', { deployed: { use1: { lat: 39, lon: -77 } } }, 'use1', 'viewer-location'],

  ['preferred', { prefer: 'apse2' }, 'apse2', 'preferred'],
  ['preferred and nearest', { prefer: 'euw1' }, 'euw1', 'preferred'],
  ['preferred before residency of several', { allowed: ['euc1', 'use1'], prefer: 'use1' }, 'use1', 'preferred'],
  ['preferred before drained', { drained: new Set(['euw1']), prefer: 'use1' }, 'use1', 'preferred'],
  ['preferred but not allowed', { allowed: ['euw1', 'euc1'], prefer: 'apse2' }, 'euw1', 'viewer-location'],
  ['preferred but drained', { drained: new Set(['apse2']), prefer: 'apse2' }, 'euw1', 'viewer-location'],
  ['preferred but avoided', { avoid: ['apse2'], prefer: 'apse2' }, 'euw1', 'viewer-location'],
  ['preferred but not deployed', { prefer: 'sae1' }, 'euw1', 'viewer-location'],
  ['preferred but named like a member of every object', { prefer: 'constructor' }, 'euw1', 'viewer-location'],

  ['the nearest is drained', { drained: new Set(['euw1']) }, 'euc1', 'drained'],
  ['the nearest is avoided', { avoid: ['euw1'] }, 'euc1', 'avoided'],
  ['another is drained', { drained: new Set(['euc1']) }, 'euw1', 'viewer-location'],
  ['another is avoided', { avoid: ['euc1'] }, 'euw1', 'viewer-location'],
  ['drained before avoided', { drained: new Set(['euw1']), avoid: ['euw1'] }, 'euc1', 'drained'],
  ['the first of two removals counts', { drained: new Set(['euw1']), avoid: ['euc1'] }, 'use1', 'drained'],
  ['residency before drained', { allowed: ['euc1', 'use1'], drained: new Set(['euc1', 'euw1']) }, 'use1', 'residency'],
  ['residency before avoided', { allowed: ['euc1', 'use1'], avoid: ['euw1', 'euc1'] }, 'use1', 'residency'],
  ['an unknown drained code means nothing', { drained: new Set(['sae1']) }, 'euw1', 'viewer-location'],
  ['an unknown avoided code means nothing', { avoid: ['sae1'] }, 'euw1', 'viewer-location'],
];

describe('the Region chosen', () => {
  it.each(CHOICES)('%s', (_, change, region, reason) => {
    expect(chooseRegion({ ...DUBLIN, ...change })).toEqual({ ok: true, region, reason });
  });
});

const REFUSALS: readonly (readonly [what: string, change: Partial<RegionQuestion>, because: string])[] = [
  ['nothing allowed is deployed', { allowed: ['sae1'] }, 'limits'],
  ['nothing is allowed', { allowed: [] }, 'limits'],
  [
    'nothing is allowed, and all is drained',
    { allowed: [], drained: new Set(['euw1', 'euc1', 'use1', 'apse2']) },
    'limits',
  ],
  ['all allowed are avoided', { allowed: ['euw1', 'use1'], avoid: ['use1', 'euw1'] }, 'avoided'],
  ['all allowed are drained', { allowed: ['euw1', 'use1'], drained: new Set(['use1', 'euw1']) }, 'drained'],
  [
    'one is drained, the other avoided',
    { allowed: ['euw1', 'use1'], drained: new Set(['use1']), avoid: ['euw1'] },
    'avoided',
  ],
  ['all are avoided and drained', { allowed: ['euw1'], drained: new Set(['euw1']), avoid: ['euw1'] }, 'avoided'],
  [
    'all are drained, one is avoided',
    { allowed: ['euw1', 'use1'], drained: new Set(['use1', 'euw1']), avoid: ['euw1'] },
    'drained',
  ],
];

describe('no Region', () => {
  it.each(REFUSALS)('%s', (_, change, because) => {
    expect(chooseRegion({ ...DUBLIN, ...change })).toEqual({ ok: false, because });
  });
});

describe('equal distances', () => {
  it('go by code, however the configuration is ordered', () => {
    const point = { lat: 10, lon: 10 };
    for (const deployedHere of [
      { b1: point, a1: point },
      { a1: point, b1: point },
    ]) {
      expect(chooseRegion({ ...DUBLIN, deployed: deployedHere, allowed: ['a1', 'b1'] })).toMatchObject({
        region: 'a1',
      });
    }
  });
});

describe('a deployment of every Region', () => {
  const everywhere = Object.fromEntries(AWS_REGIONS.map(({ code, lat, lon }) => [code, { lat, lon }]));

  it.each(AWS_REGIONS.map(({ code, name }) => [code, name]))('%s is nearest to itself', (code, name) => {
    const question = {
      ...DUBLIN,
      deployed: everywhere,
      allowed: Object.keys(everywhere),
      viewer: NOWHERE,
      edgeRegion: name,
    };
    expect(chooseRegion(question)).toEqual({ ok: true, region: code, reason: 'edge-region' });
  });
});
