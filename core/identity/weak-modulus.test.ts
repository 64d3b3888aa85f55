import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { acceptKeySet } from './fetched-keys.ts';
import { lintEntry } from './lint-entry.ts';
import { weakModulus } from './weak-modulus.ts';

const base64url = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};

/** The product of the primes up to 167, by hand: the modulus of Infineon's generator for its shortest keys. */
const PRIMES = [
  2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
  113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];
const M = PRIMES.reduce((product, prime) => product * BigInt(prime), 1n);
/** `remainder` plus a multiple of M: 2,048 bits and no factor below 1,000. */
const withoutSmallFactors = (remainder: bigint): bigint => {
  const others = Array.from({ length: 998 }, (_, index) => BigInt(index + 2));
  for (let multiple = (1n << 2_047n) / M + 1n; ; multiple += 1n) {
    const value = remainder + multiple * M;
    if (others.every((other) => value % other !== 0n)) return value;
  }
};

// A Mersenne prime: its square has two equal factors, and no small one.
const MERSENNE = (1n << 2_203n) - 1n;

describe('an RSA modulus', () => {
  it('of a good key is not weak', () => {
    for (const modulusLength of [2_048, 3_072]) {
      const { n } = generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' });
      expect(weakModulus(n ?? '')).toBeNull();
    }
  });

  it('with the structure of ROCA is', () => {
    expect(weakModulus(base64url(withoutSmallFactors(65_537n ** 7n % M)))).toContain('ROCA');
  });

  it('one step beside that structure is not', () => {
    // Modulo 11 the powers of 65537 are 1 and 10; 5 is neither; modulo every other prime nothing changes.
    const beside = withoutSmallFactors(65_537n ** 7n + M / 11n);
    expect([1n, 10n]).not.toContain(beside % 11n);
    expect(weakModulus(base64url(beside))).toBeNull();
  });

  it('whose factors are equal or close is', () => {
    expect(weakModulus(base64url(MERSENNE * MERSENNE))).toContain('close together');
  });

  it('with a small factor is', () => {
    expect(weakModulus(base64url(997n * MERSENNE))).toContain('small factor');
  });
});

describe('a key with a modulus that is known to be weak', () => {
  const weak = { kty: 'RSA', kid: 'weak', e: 'AQAB', use: 'sig', n: base64url(997n * MERSENNE) };
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const good = { ...publicKey.export({ format: 'jwk' }), kid: 'good', use: 'sig' };
  const bytes = (...keys: unknown[]): Buffer => Buffer.from(JSON.stringify({ keys }));

  it('is left out of a fetched set with a warning', () => {
    const accepted = acceptKeySet(bytes(weak, good), { algorithms: ['RS256'] });
    expect(accepted).toMatchObject({ ok: true, keys: [{ kid: 'good' }] });
    expect(accepted.warnings).toMatchObject([{ path: '/keys/0/n', message: expect.stringContaining('small factor') }]);
  });

  it('does not make a set of its own', () => {
    expect(acceptKeySet(bytes(weak), { algorithms: ['RS256'] })).toMatchObject({ ok: false });
  });

  it('is a fault of an entry, told together with those of its form', () => {
    const entry = { id: 'A', algorithms: ['RS256'], keys: { jwks: { keys: [good, weak] } } };
    const paths = lintEntry(entry, { allowLoopback: false }).map(({ path }) => path);
    expect(paths).toContain('/keys/jwks/keys/1/n');
    expect(paths).toContain('/id');
    expect(paths).not.toContain('/keys/jwks/keys/0/n');
  });
});
