import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the options of a load test', () => {
  it('name a scenario and need nothing else', () => {
    expect(parseOptions(['spike'])).toEqual({ scenario: 'spike', endpoint: null, settings: {} });
  });

  it('take an endpoint and settings in any order', () => {
    expect(parseOptions(['-e', 'PEAK=20', 'spike', '--endpoint', 'https://up.example/', '-e', 'HOLD=5s'])).toEqual({
      scenario: 'spike',
      endpoint: 'https://up.example',
      settings: { PEAK: '20', HOLD: '5s' },
    });
  });

  it.each([
    [[], 'the name of the load test is missing'],
    [['flood'], 'there is no load test "flood"'],
    [['spike', 'spike'], 'one load test at a time, not also "spike"'],
    [['spike', '-e', 'PEAK'], '-e takes KEY=VALUE, not "PEAK"'],
    [['spike', '-e', 'PEEK=20'], /^there is no setting PEEK: take one of BASE, PEAK, /],
    [['spike', '--endpoint', 'up.example'], '--endpoint takes an http or https address, not "up.example"'],
    [['spike', '--endpoint', 'ftp://up.example'], '--endpoint takes an http or https address, not "ftp://up.example"'],
    [['spike', '--peak', '20'], /--peak/],
  ])('refuse %j', (args, reason) => {
    expect(() => parseOptions(args)).toThrow(reason);
  });
});
