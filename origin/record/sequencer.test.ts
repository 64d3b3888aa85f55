import { describe, expect, it } from 'vitest';
import { isLaterSequencer, laterSequencer } from './sequencer.ts';

describe('sequencers of one key', () => {
  it.each([
    ['0055AED6DCD90281E5', '0055AED6DCD90281E4', true],
    ['0055AED6DCD90281E4', '0055AED6DCD90281E5', false],
    ['0055', '0055', false],
    // Padded on the right: the shorter one is not the smaller number.
    ['01', '00FF', true],
    ['00FF', '01', false],
    ['0100', '01', false],
    ['0101', '01', true],
    ['ab', 'AB', false],
    ['AC', 'ab', true],
  ])('%s is later than %s: %s', (a, b, later) => {
    expect(isLaterSequencer(a, b)).toBe(later);
  });

  it('count as earlier than all when absent', () => {
    expect(laterSequencer(null, '00')).toBe('00');
    expect(laterSequencer('00', null)).toBe('00');
    expect(laterSequencer(null, null)).toBeNull();
    expect(laterSequencer('02', '01')).toBe('02');
    expect(laterSequencer('01', '02')).toBe('02');
  });
});
