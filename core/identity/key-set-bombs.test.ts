import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { ALGORITHMS, type IssuerEntry } from '../contract/issuer-entry.ts';
import { acceptKeySet } from './fetched-keys.ts';
import { findKey, lintKeySet } from './key-hygiene.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW_MS, signToken } from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const acme = createTestIssuer('acme', 'ES256');
const token = signToken(acme);
const publicJwk = (kind: 'ed25519' | 'P-521', kid: string) => {
  const pair = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-521' });
  return { ...pair.publicKey.export({ format: 'jwk' }), kid };
};
const rsa = (bytes: number, kid: string, e = 'AQAB') => ({
  kty: 'RSA',
  n: Buffer.alloc(bytes, 0xff).toString('base64url'),
  e,
  kid,
});
const times = <Value>(count: number, make: (index: number) => Value): Value[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Milliseconds of CPU of the first token after a new registry, best of five: nothing is kept from one to the next. */
const firstTokenMs = async (keys: readonly unknown[], tokens: readonly string[] = [token]): Promise<number> => {
  const entry: Partial<IssuerEntry> = { algorithms: ALGORITHMS, keys: { jwksUri: 'https://acme.example/' } };
  const copy = { jwks: { keys }, fetchedAt: '2026-11-20T23:59:00.000Z', status: 'ok' };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    const registry = createTestRegistry([createTestEntry(acme, entry)], { keys: { acme: copy } });
    const startedAt = process.cpuUsage();
    for (const one of tokens) await verifyToken(one, registry, NOW_MS);
    const { user, system } = process.cpuUsage(startedAt);
    best = Math.min(best, (user + system) / 1_000 / tokens.length);
  }
  return best;
};

const BOMBS: readonly (readonly [string, readonly unknown[]])[] = [
  ['fifteen Ed25519 keys beside it', times(15, (index) => publicJwk('ed25519', `k${index}`))],
  ['fifteen P-521 keys beside it', times(15, (index) => publicJwk('P-521', `k${index}`))],
  ['fifteen RSA keys of 4,096 bits beside it', times(15, (index) => rsa(512, `k${index}`))],
  ['a modulus of 32,768 bits beside it', [rsa(4_096, 'k')]],
  ['an exponent of 8,192 bits beside it', [rsa(256, 'k', 'AQAB'.repeat(340))]],
  ['four hundred keys beside it', times(400, (index) => ({ ...acme.publicJwk, kid: `k${index}` }))],
  ['sixty thousand members in one key beside it', [Object.fromEntries(times(6_000, (index) => [`m${index}`, index]))]],
  ['its own kid on four hundred keys', times(400, () => acme.publicJwk)],
];

describe('a hostile key set', () => {
  it.each(BOMBS)('with %s costs a token less than 1 ms of CPU beyond a good one', async (_, bomb) => {
    await firstTokenMs([acme.publicJwk]);
    const good = await firstTokenMs([acme.publicJwk]);
    const hostile = await firstTokenMs([...bomb, acme.publicJwk]);
    expect(hostile - good).toBeLessThan(1);
  });

  it.each([
    ['modulus of 32,768 bits', rsa(4_096, 'acme-1')],
    ['modulus of 4,096 bits', rsa(512, 'acme-1')],
    ['exponent of 8,192 bits', rsa(256, 'acme-1', 'AQAB'.repeat(340))],
    ['Ed25519 point', publicJwk('ed25519', 'acme-1')],
  ])('whose %s the token names costs less than 1 ms of CPU beyond a good one', async (_, bomb) => {
    const named = signToken(acme, { header: { alg: bomb.kty === 'RSA' ? 'RS256' : 'EdDSA' } });
    await firstTokenMs([bomb], [named]);
    const good = await firstTokenMs([acme.publicJwk]);
    expect((await firstTokenMs([bomb], [named])) - good).toBeLessThan(1);
  });

  it.each(['ES384', 'ES512'] as const)('costs a token of %s no more than its algorithm does', async (algorithm) => {
    const slow = createTestIssuer('acme', algorithm);
    const signed = [signToken(slow)];
    const bombs = [
      ...times(400, (index) => ({ ...slow.publicJwk, kid: `k${index}` })),
      ...times(14, () => rsa(4_096, 'k')),
    ];
    await firstTokenMs([slow.publicJwk], signed);
    const good = await firstTokenMs([slow.publicJwk], signed);
    expect((await firstTokenMs([...bombs.slice(-14), slow.publicJwk], signed)) - good).toBeLessThan(1);
    expect((await firstTokenMs([...bombs, slow.publicJwk], signed)) - good).toBeLessThan(1);
  });

  it.each(BOMBS)('with %s costs a token of an unknown key no more than a good one', async (_, bomb) => {
    const unknown = times(20, (index) => signToken(acme, { header: { kid: `unknown-${index}` } }));
    await firstTokenMs(bomb, unknown);
    const good = await firstTokenMs([acme.publicJwk]);
    expect((await firstTokenMs(bomb, unknown)) - good).toBeLessThan(1);
  });

  it('costs no more when every token names another of its keys', async () => {
    const keys = times(16, (index) => publicJwk('ed25519', `k${index}`));
    const tokens = keys.map(({ kid }) => signToken(acme, { header: { alg: 'EdDSA', kid } }));
    const good = await firstTokenMs([acme.publicJwk]);
    expect((await firstTokenMs(keys, tokens)) - good).toBeLessThan(1);
  });

  it.each([
    [16, true],
    [17, false],
  ])('of %s keys serves: %s', async (count, serves) => {
    const others = times(count - 1, (index) => ({ ...acme.publicJwk, kid: `k${index}` }));
    const entry: Partial<IssuerEntry> = { keys: { jwksUri: 'https://acme.example/' } };
    const copy = { jwks: { keys: [...others, acme.publicJwk] }, fetchedAt: '2026-11-20T23:59:00.000Z', status: 'ok' };
    const registry = createTestRegistry([createTestEntry(acme, entry)], { keys: { acme: copy } });
    expect((await verifyToken(token, registry, NOW_MS)).ok).toBe(serves);
  });

  it('of 64 KiB is read, and of one byte more is not', () => {
    const body = (bytes: number): Buffer => {
      const start = JSON.stringify({ keys: [acme.publicJwk] }).slice(0, -1);
      return Buffer.from(`${start},"x":"${'x'.repeat(bytes - start.length - 8)}"}`);
    };
    expect(body(65_536)).toHaveLength(65_536);
    expect(acceptKeySet(body(65_536), { algorithms: ['ES256'] })).toMatchObject({ ok: true });
    expect(acceptKeySet(body(65_537), { algorithms: ['ES256'] })).toMatchObject({ ok: false });
  });
});

describe('the key of a kid', () => {
  it('is the one that linting the whole set would keep', () => {
    const kid = fc.constantFrom('a', 'b', 'c', '', 7, undefined);
    const key = fc.oneof(
      fc
        .record({ kid, use: fc.constantFrom('sig', 'enc', undefined), alg: fc.constantFrom('ES256', 'RS256') })
        .map((change) => ({ ...acme.publicJwk, ...change })),
      fc.constantFrom(null, 'text', [], {}, { kid: 'a' }),
    );
    fc.assert(
      fc.property(fc.array(key, { maxLength: 18 }), fc.constantFrom('a', 'b', 'c', '', '7'), (keys, wanted) => {
        const kept = lintKeySet(keys, ['ES256', 'RS256']).keys.find((one) => one.kid === wanted);
        expect(findKey(keys, wanted, ['ES256', 'RS256'])?.jwk).toEqual(kept?.jwk);
      }),
      { numRuns: budgetRuns(500) },
    );
  });
});
