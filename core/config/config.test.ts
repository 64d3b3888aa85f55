import { describe, expect, it } from 'vitest';
import { ConfigurationError } from './faults.ts';
import { formatGateConfig, type GateConfig, parseGateConfig } from './gate.ts';
import { cellNames, queueUrl } from './names.ts';
import { formatOriginEnv, type OriginConfig, parseOriginEnv } from './origin.ts';
import { AWS_REGIONS } from './regions.ts';
import { ROLES, roleStatements } from './roles.ts';

const ACCOUNT = '123456789012';

const gateConfig = (count: number, env = 'prod'): GateConfig => ({
  v: 1,
  env,
  defaultRegion: 'use1',
  corsOrigins: ['https://app.example'],
  urlExpiry: 900,
  regions: Object.fromEntries(
    AWS_REGIONS.slice(0, count).map(({ code, name, lat, lon }) => {
      const cell = { env, account: ACCOUNT, region: name };
      const names = cellNames(cell);
      return [
        code,
        {
          name,
          bucket: names.bucket,
          registryBucket: names.registryBucket,
          queueUrl: queueUrl(cell, names.eventsQueue),
          refreshQueueUrl: queueUrl(cell, names.refreshQueue),
          apiHost: `a1b2c3d4e5.execute-api.${name}.amazonaws.com`,
          apiPath: '/live',
          lat,
          lon,
        },
      ];
    }),
  ),
});

const faultsOf = (run: () => unknown): string[] => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
};

describe('gate configuration', () => {
  it('of ten Regions travels in five headers that CloudFront takes', () => {
    const config = gateConfig(10);
    const headers = formatGateConfig(config);
    expect(Object.keys(headers).length).toBeLessThanOrEqual(5);
    for (const value of Object.values(headers)) expect(value.length).toBeLessThanOrEqual(1_700);
    expect(parseGateConfig(headers)).toEqual(config);
  });

  it('takes loopback endpoints only on the local platform', () => {
    const withEndpoint = (env: string): GateConfig => {
      const config = gateConfig(1, env);
      const use1 = config.regions['use1'];
      if (use1 === undefined) throw new Error('no use1');
      return { ...config, regions: { use1: { ...use1, s3: 'http://127.0.0.1:9000' } } };
    };
    expect(faultsOf(() => parseGateConfig(formatGateConfig(withEndpoint('local'))))).toEqual([]);
    expect(faultsOf(() => parseGateConfig(formatGateConfig(withEndpoint('prod'))))).toEqual(['/regions/use1']);
  });

  it('is refused for more than ten Regions, and for none', () => {
    const { name, lat, lon } = AWS_REGIONS[0] ?? { name: '', lat: 0, lon: 0 };
    const region = { name, lat, lon, bucket: 'b', registryBucket: 'r', queueUrl: 'q', refreshQueueUrl: 'f' };
    const api = { apiHost: 'a.example', apiPath: '/live' };
    const deployed = (count: number) =>
      formatGateConfig({
        ...gateConfig(0),
        defaultRegion: 'r0',
        regions: Object.fromEntries(Array.from({ length: count }, (_, index) => [`r${index}`, { ...region, ...api }])),
      });
    expect(faultsOf(() => parseGateConfig(deployed(10)))).toEqual([]);
    expect(faultsOf(() => parseGateConfig(deployed(11)))).toEqual(['/regions']);
    const none = Buffer.from(JSON.stringify({ ...gateConfig(0), regions: {} })).toString('base64url');
    expect(faultsOf(() => parseGateConfig({ 'x-nearput-config-1': none })).sort()).toEqual([
      '/defaultRegion',
      '/regions',
    ]);
  });

  it('reports a missing header, text that is no JSON, and a default outside its Regions', () => {
    expect(faultsOf(() => parseGateConfig({}))).toEqual(['x-nearput-config-1']);
    expect(faultsOf(() => parseGateConfig({ 'x-nearput-config-1': 'e30x' }))).toHaveLength(1);
    expect(faultsOf(() => parseGateConfig(formatGateConfig({ ...gateConfig(2), defaultRegion: 'euw1' })))).toEqual([
      '/defaultRegion',
    ]);
  });
});

describe('origin environment', () => {
  const config: OriginConfig = {
    env: 'prod',
    region: 'euw1',
    regions: { euw1: { name: 'eu-west-1', bucket: 'b', registryBucket: 'r', table: 't' } },
    bucket: 'b',
    registryBucket: 'r',
    table: 't',
    corsOrigins: ['https://a.example', 'https://b.example'],
    urlExpiry: 900,
    workQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/w',
    refreshQueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/r.fifo',
  };

  it('reads back what was written', () => {
    expect(parseOriginEnv(formatOriginEnv(config))).toEqual(config);
  });

  it('reports every fault at once', () => {
    const env = formatOriginEnv({ ...config, region: 'use1', urlExpiry: 5 });
    expect(faultsOf(() => parseOriginEnv({ ...env, NEARPUT_TABLE: '' })).sort()).toEqual([
      'NEARPUT_REGION',
      'NEARPUT_TABLE',
      'NEARPUT_URL_EXPIRY',
    ]);
  });

  it.each(['59', '3601', '900.5', 'soon'])('refuses a URL life of %s seconds', (life) => {
    const env = { ...formatOriginEnv(config), NEARPUT_URL_EXPIRY: life };
    expect(faultsOf(() => parseOriginEnv(env))).toEqual(['NEARPUT_URL_EXPIRY']);
  });

  it('refuses endpoints outside the local platform', () => {
    const regions = {
      euw1: { name: 'eu-west-1', bucket: 'b', registryBucket: 'r', table: 't', s3: 'http://127.0.0.1:1' },
    };
    expect(faultsOf(() => parseOriginEnv(formatOriginEnv({ ...config, regions })))).toEqual(['NEARPUT_REGIONS']);
    expect(faultsOf(() => parseOriginEnv(formatOriginEnv({ ...config, env: 'local', regions })))).toEqual([]);
  });

  it('blames the Regions, not the own Region, when the Regions are not JSON', () => {
    const env = { ...formatOriginEnv(config), NEARPUT_REGIONS: '{"euw1":' };
    expect(faultsOf(() => parseOriginEnv(env))).toEqual(['NEARPUT_REGIONS']);
  });
});

describe('names and roles', () => {
  it('keeps bucket names within 63 characters for the longest environment and Region', () => {
    for (const { name } of AWS_REGIONS) {
      const names = cellNames({ env: 'abcdefghijkl', account: ACCOUNT, region: name });
      expect(names.bucket.length).toBeLessThanOrEqual(63);
      expect(names.registryBucket.length).toBeLessThanOrEqual(63);
    }
  });

  it('gives every Region one code and one name', () => {
    expect(new Set(AWS_REGIONS.map(({ code }) => code)).size).toBe(AWS_REGIONS.length);
    expect(new Set(AWS_REGIONS.map(({ name }) => name)).size).toBe(AWS_REGIONS.length);
  });

  it('lets no role touch everything', () => {
    const scope = { env: 'prod', account: ACCOUNT, regions: ['eu-west-1', 'us-east-1'], region: 'eu-west-1' };
    for (const role of ROLES) {
      for (const { actions, resources } of roleStatements(role, scope)) {
        for (const action of actions) expect(action, role).not.toContain('*');
        for (const resource of resources) expect(resource, role).toMatch(/^arn:aws:(s3|sqs|dynamodb):.*nearput-prod/);
      }
    }
  });

  it('lets only the refresher write key sets, and only operators the policy and its audit log', () => {
    const scope = { env: 'prod', account: ACCOUNT, regions: ['eu-west-1'], region: 'eu-west-1' };
    const writers = (key: string) =>
      ROLES.filter((role) =>
        roleStatements(role, scope).some(
          ({ actions, resources }) =>
            actions.includes('s3:PutObject') && resources.some((resource) => resource.endsWith(key)),
        ),
      );
    expect(writers('registry/keys.json')).toEqual(['refresher']);
    expect(writers('registry/policy.json')).toEqual(['operator']);
    expect(writers('registry/audit/*')).toEqual(['operator']);
  });
});
