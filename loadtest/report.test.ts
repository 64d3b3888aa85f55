import { describe, expect, it } from 'vitest';
import { crossedThresholds, reportLines } from './report.ts';

const METRICS = {
  create: { values: { 'p(50)': 1.04, 'p(95)': 2.5, 'p(99)': 12.345 }, thresholds: { 'p(99)<2000': { ok: true } } },
  put: { values: { 'p(50)': 1, 'p(95)': 2, 'p(99)': 3 } },
  finalize: { values: { 'p(50)': 4, 'p(95)': 5, 'p(99)': 2_100 }, thresholds: { 'p(99)<2000': { ok: false } } },
  iterations: { values: { count: 63, rate: 8.556 } },
  dropped_iterations: { values: { count: 2, rate: 0.1 }, thresholds: { 'count==0': { ok: false } } },
};

describe('the report of a load test', () => {
  it('prints times by step, the rate, and dropped uploads', () => {
    expect(reportLines(METRICS, 20)).toEqual([
      'create p50=1.0ms p95=2.5ms p99=12.3ms',
      'put p50=1.0ms p95=2.0ms p99=3.0ms',
      'finalize p50=4.0ms p95=5.0ms p99=2100.0ms',
      'rate 8.6/s on average, 20/s at the peak',
      'dropped 2',
    ]);
  });

  it('names every crossed threshold', () => {
    expect(crossedThresholds(METRICS)).toEqual(['finalize: p(99)<2000', 'dropped_iterations: count==0']);
  });
});
