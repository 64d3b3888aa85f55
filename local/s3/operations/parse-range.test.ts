import { describe, expect, test } from 'vitest';
import { parseRange } from './parse-range.ts';

describe('a range of 10 bytes', () => {
  test.each([
    ['bytes=0-0', 0, 0],
    ['bytes=9-', 9, 9],
    ['bytes=-10', 0, 9],
    ['bytes=3-100', 3, 9],
  ])('%s is %i to %i', (header, start, end) => {
    expect(parseRange(header, 10)).toEqual({ start, end });
  });

  test.each([undefined, 'bytes=', 'bytes=-', 'bytes=5-4', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b'])(
    '%s is none',
    (header) => {
      expect(parseRange(header, 10)).toBeNull();
    },
  );

  test.each([
    ['bytes=10-', 10],
    ['bytes=10-11', 10],
    ['bytes=-0', 10],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('%s of %i bytes cannot be had', (header, size) => {
    expect(() => parseRange(header, size)).toThrow(expect.objectContaining({ code: 'InvalidRange', status: 416 }));
  });
});
