import { describe, expect, it } from 'vitest';
import { decodeBase32, encodeBase32 } from './base32.ts';

describe('base32', () => {
  // RFC 4648 section 10, lower case and without padding.
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('writes %j as %j and reads it back', (plain, encoded) => {
    expect(encodeBase32(Buffer.from(plain))).toBe(encoded);
    expect(Buffer.from(decodeBase32(encoded) ?? []).toString()).toBe(plain);
  });

  it.each([
    ['an upper-case letter', 'MY'],
    ['padding', 'my======'],
    ['a digit outside the alphabet', 'm1'],
    ['a length no bytes have', 'm'],
    ['spare bits', 'mz'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase32(text)).toBeUndefined();
  });
});
