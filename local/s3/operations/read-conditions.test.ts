import { describe, expect, test } from 'vitest';
import { matchesEtag } from './read-conditions.ts';

describe('an entity tag', () => {
  test.each([
    ['"abc"', true],
    ['abc', true],
    ['*', true],
    ['"x", "abc"', true],
    ['W/"abc"', true],
    ['"abcd"', false],
    ['', false],
  ])('list %s names abc: %s', (list, named) => {
    expect(matchesEtag(list, 'abc')).toBe(named);
  });
});
