import { describe, expect, it } from 'vitest';
import { contentOf } from './content.ts';
import { plannedUploads, SHAPES, shapeWith, stagesOf } from './shapes.ts';

describe('the spike', () => {
  it('grows fiftyfold within five seconds and holds for thirty', () => {
    expect(SHAPES.spike.peak / SHAPES.spike.base).toBe(50);
    expect(stagesOf(SHAPES.spike)).toEqual([
      { target: 8, duration: '5s' }, // in ten seconds
      { target: 400, duration: '5s' },
      { target: 400, duration: '30s' },
      { target: 8, duration: '5s' },
    ]);
  });

  it('starts as many uploads as the area under its rates', () => {
    expect(plannedUploads(SHAPES.spike)).toBeCloseTo(1_408); // 4 + 102 + 1,200 + 102
  });

  it('takes its numbers from settings, seconds with or without their unit', () => {
    const shape = shapeWith(SHAPES.spike, { PEAK: '20', HOLD: '5s', LEAD: '0' });
    expect(shape).toEqual({ ...SHAPES.spike, peak: 20, hold: 5, lead: 0 });
    expect(stagesOf(shape).map(({ duration }) => duration)).toEqual(['5s', '5s', '5s']);
  });

  it.each(['many', '-1', 'NaN'])('refuses a peak of %s', (text) => {
    expect(() => shapeWith(SHAPES.spike, { PEAK: text })).toThrow(`PEAK must be a number, not "${text}"`);
  });
});

describe('the content of an upload', () => {
  it('has the asked size and follows from its seed alone', () => {
    expect(contentOf('ab', 8)).toBe('ab|ab|ab');
    expect(contentOf('run-1', 4_096)).toHaveLength(4_096);
    expect(contentOf('run-1', 4_096)).not.toBe(contentOf('run-2', 4_096));
    expect(contentOf('run-1', 0)).toBe('');
  });
});
