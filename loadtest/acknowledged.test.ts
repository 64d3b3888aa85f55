import { describe, expect, it } from 'vitest';
import { parseScriptOutput, peakPerSecond } from './acknowledged.ts';

const entry = (at: number) => ({ id: 'euw1_a', owner: 0, seed: 'run-0', at });

describe('what a k6 script printed', () => {
  it('is split into acknowledged uploads and messages', () => {
    const text = '{"id":"euw1_a","owner":1,"seed":"run-7","at":1000}\nput: status 503\n{"id":"euw1_b"}\n';
    expect(parseScriptOutput(text)).toEqual({
      acknowledged: [{ id: 'euw1_a', owner: 1, seed: 'run-7', at: 1_000 }],
      messages: ['put: status 503', '{"id":"euw1_b"}'],
    });
  });
});

describe('the peak', () => {
  it('is the best second, wherever it begins', () => {
    expect(peakPerSecond([0, 900, 1_100, 1_200, 1_899, 3_000].map(entry))).toBe(4);
  });

  it('counts a second as less than 1,000 ms', () => {
    expect(peakPerSecond([0, 1_000].map(entry))).toBe(1);
  });

  it('is 0 without uploads', () => {
    expect(peakPerSecond([])).toBe(0);
  });
});
