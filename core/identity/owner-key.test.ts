import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { ownerKeyOf } from './owner-key.ts';

const acme = { issuer: 'https://acme.example/', tenant: 't1', subject: 'user' } as const;

describe('an owner key', () => {
  // Computed with Python's hashlib and base64 from the definition: SHA-256 over u32-length-prefixed UTF-8, 20 bytes, base32.
  it.each([
    [{ ...acme, ownership: 'subject' }, 'osk3rjquzs6qofducdm7cvqpmc4bd6ti'],
    [{ ...acme, ownership: 'tenant' }, 'plu3xdpjra3dzcs5obuxf5ehuo6t6qd5'],
    [{ ...acme, ownership: 'subject', tenant: null }, '62gk7e4r5eob2e3jd73shf5wc6dlztmg'],
  ] as const)('of %j is %s', (input, expected) => {
    expect(ownerKeyOf(input)).toBe(expected);
  });

  it('does not depend on the subject when the tenant owns', () => {
    expect(ownerKeyOf({ ...acme, ownership: 'tenant', subject: 'other' })).toBe('plu3xdpjra3dzcs5obuxf5ehuo6t6qd5');
  });

  it('neither normalises nor folds: é in one and in two code points are two people', () => {
    const composed = ownerKeyOf({ ...acme, ownership: 'subject', subject: '\u00e9' });
    expect(ownerKeyOf({ ...acme, ownership: 'subject', subject: 'e\u0301' })).not.toBe(composed);
    expect(ownerKeyOf({ ...acme, ownership: 'subject', subject: '\u00c9' })).not.toBe(composed);
  });

  it('is equal only for equal identities, wherever the borders between their texts run', () => {
    const text = fc.string({ minLength: 1, maxLength: 6, unit: fc.constantFrom('a', 'b', '/', '\u0000', 'é') });
    const identity = fc.record({
      ownership: fc.constantFrom('subject' as const, 'tenant' as const),
      issuer: text,
      tenant: fc.option(text),
      subject: text,
    });
    const meaning = (of: { ownership: string; issuer: string; tenant: string | null; subject: string }): string =>
      JSON.stringify([of.ownership, of.issuer, of.tenant, of.ownership === 'subject' ? of.subject : null]);
    fc.assert(
      fc.property(identity, identity, (a, b) => (ownerKeyOf(a) === ownerKeyOf(b)) === (meaning(a) === meaning(b))),
      { numRuns: budgetRuns(2_000) },
    );
  });
});
