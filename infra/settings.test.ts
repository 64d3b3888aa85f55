import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../core/config/faults.ts';
import { parseGateConfig } from '../core/config/gate.ts';
import { AWS_REGIONS } from '../core/config/regions.ts';
import { buildApp } from './build-app.ts';
import { ACCOUNT, configHeaders, synth } from './testing/templates.ts';

const faultsOf = (context: Record<string, string>): string[] => {
  try {
    buildApp({ outdir: tmpdir(), context });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
};

describe('any list of Regions', () => {
  it('up to ten fits into the configuration headers as CloudFront takes them', () => {
    const regions = AWS_REGIONS.slice(-10).map(({ code }) => code);
    const ten = synth({ env: 'abcdefghijkl', account: ACCOUNT, regions: regions.join(',') });
    expect(ten.size).toBe(11);
    const headers = configHeaders(ten.get('nearput-abcdefghijkl-edge') ?? { Resources: {} });
    expect(Object.keys(headers).length).toBeLessThanOrEqual(5);
    for (const value of Object.values(headers)) expect(value.length).toBeLessThanOrEqual(1_783);
    expect(Object.keys(parseGateConfig(headers).regions)).toEqual(regions);
  });

  it.each<[string, string, Record<string, string>]>([
    [
      'eleven',
      'regions',
      {
        regions: AWS_REGIONS.slice(0, 11)
          .map(({ code }) => code)
          .join(','),
      },
    ],
    ['an unknown one', 'regions', { regions: 'euw1,xx9' }],
    ['one named twice', 'regions', { regions: 'euw1,euw1' }],
    ['none', 'regions', { regions: '' }],
    ['a default outside', 'defaultRegion', { regions: 'euw1', defaultRegion: 'use1' }],
    ['a URL life too long', 'urlExpiry', { regions: 'euw1', urlExpiry: '3601' }],
    ['a time limit the edge forbids', 'functionTimeout', { regions: 'euw1', functionTimeout: '31' }],
    ['an http origin', 'allowedOrigins', { regions: 'euw1', allowedOrigins: 'http://app.example' }],
    ['a domain without certificate', 'domainName', { regions: 'euw1', domainName: 'uploads.example' }],
    ['an address that is no range', 'ipAllowList', { regions: 'euw1', ipAllowList: '192.0.2.1' }],
  ])('%s is refused by name', (_, path, context) => {
    expect(faultsOf(context)).toEqual([path]);
  });

  it('every fault is told at once', () => {
    expect(faultsOf({ env: 'Prod!', regions: 'xx9', urlExpiry: 'soon' }).sort()).toEqual([
      'defaultRegion',
      'env',
      'regions',
      'urlExpiry',
    ]);
  });
});
