import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { formatId } from '../contract/ids.ts';
import { objectKey, parseObjectKey } from './object-key.ts';

const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';
const idOf = (ownerKey: string) =>
  formatId({
    kind: 'put',
    checksumMode: 'none',
    partSize: 0,
    size: 4,
    region: 'euw1',
    ownerKey,
    nonce: new Uint8Array(16),
    grantDigest: new Uint8Array(10),
  });
const ID = idOf(OWNER);
const KEY = `u/acme/${OWNER}/${ID}`;

describe('objectKey', () => {
  it('is u, issuer, owner and id', () => {
    expect(objectKey({ issuerId: 'acme', ownerKey: OWNER, id: ID })).toBe(KEY);
  });

  it.each([
    ['an issuer id with a slash', { issuerId: 'a/b', ownerKey: OWNER }],
    ['an empty issuer id', { issuerId: '', ownerKey: OWNER }],
    ['an ownerKey that is too short', { issuerId: 'acme', ownerKey: OWNER.slice(1) }],
    ['an ownerKey with a slash', { issuerId: 'acme', ownerKey: `${OWNER.slice(1)}/` }],
  ])('refuses %s', (_, parts) => {
    expect(() => objectKey({ ...parts, id: ID })).toThrow(TypeError);
  });
});

describe('parseObjectKey', () => {
  it('reads what objectKey wrote', () => {
    expect(parseObjectKey(KEY)).toMatchObject({
      issuerId: 'acme',
      ownerKey: OWNER,
      id: ID,
      upload: { region: 'euw1', size: 4 },
    });
  });

  it.each([
    ['another prefix', `v/acme/${OWNER}/${ID}`],
    ['a leading slash', `/${KEY}`],
    ['a trailing slash', `${KEY}/`],
    ['a further segment', `${KEY}/x`],
    ['a missing segment', `u/acme/${ID}`],
    ['an upper-case issuer', `u/Acme/${OWNER}/${ID}`],
    ['an upper-case owner', `u/acme/${OWNER.toUpperCase()}/${ID}`],
    ['an id minted for another owner', `u/acme/${OWNER}/${idOf('b'.repeat(32))}`],
    ['an id that is none', `u/acme/${OWNER}/euw1_x`],
    ['an encoded slash', KEY.replace('/acme/', '/acme%2F')],
    ['nothing', ''],
  ])('refuses %s', (_, key) => {
    expect(parseObjectKey(key)).toBeUndefined();
  });

  it('refuses every key in which one character was changed, but for another issuer', () => {
    fc.assert(
      fc.property(fc.nat(KEY.length - 1), fc.constantFrom(...'abz27-_/AZ=é0'), (at, character) => {
        const changed = KEY.slice(0, at) + character + KEY.slice(at + 1);
        fc.pre(changed !== KEY);
        const parsed = parseObjectKey(changed);
        if (parsed !== undefined) expect(parsed).toMatchObject({ ownerKey: OWNER, id: ID });
        if (at < 2 || at > 5) expect(parsed).toBeUndefined();
      }),
      { numRuns: budgetRuns(1_000) },
    );
  });
});
