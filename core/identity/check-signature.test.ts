import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import fc from 'fast-check';
import { compactVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { signRaw } from '../../test/support/sign-raw.ts';
import { ALGORITHMS, type Algorithm } from '../contract/issuer-entry.ts';
import { isSignatureGood } from './check-signature.ts';

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

const RSA_2048 = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const RSA_3072 = generateKeyPairSync('rsa', { modulusLength: 3_072 });
const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const P384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const P521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ED25519 = generateKeyPairSync('ed25519');
const KEYS: readonly Pair[] = [RSA_2048, RSA_3072, P256, P384, P521, ED25519];

const keysOf = (algorithm: Algorithm): readonly Pair[] => {
  if (algorithm === 'ES256') return [P256];
  if (algorithm === 'ES384') return [P384];
  if (algorithm === 'ES512') return [P521];
  return algorithm === 'EdDSA' || algorithm === 'Ed25519' ? [ED25519] : [RSA_2048, RSA_3072];
};

/** What jose says, which shares no code with the check. */
const joseSays = async (token: string, key: KeyObject, algorithm: string): Promise<boolean> =>
  compactVerify(token, key, { algorithms: [algorithm] }).then(
    () => true,
    () => false,
  );

const split = (token: string): [string, Buffer] => {
  const dot = token.lastIndexOf('.');
  return [token.slice(0, dot), Buffer.from(token.slice(dot + 1), 'base64url')];
};

/** Wrong signatures by what is done to a good one. */
const CHANGES: Readonly<Record<string, (signature: Buffer, at: number) => Buffer>> = {
  'one bit turned': (bytes, at) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(at % copy.length) ^ (1 << (at % 8)), at % copy.length);
    return copy;
  },
  'one byte less': (bytes) => bytes.subarray(1),
  'one zero byte before': (bytes) => Buffer.concat([Buffer.of(0), bytes]),
  'one zero byte after': (bytes) => Buffer.concat([bytes, Buffer.of(0)]),
  zeros: (bytes) => Buffer.alloc(bytes.length),
  ones: (bytes) => Buffer.alloc(bytes.length, 0xff),
  'its halves swapped': (bytes) =>
    Buffer.concat([bytes.subarray(bytes.length / 2), bytes.subarray(0, bytes.length / 2)]),
  'a single byte': () => Buffer.of(1),
};

describe('a signature', () => {
  const cases = ALGORITHMS.flatMap((algorithm) => keysOf(algorithm).map((pair) => ({ algorithm, pair })));

  it.each(cases)('by $algorithm is good under its own key and algorithm alone', ({ algorithm, pair }) => {
    const token = signRaw(JSON.stringify({ alg: algorithm }), '{}', pair.privateKey, algorithm);
    for (const other of ALGORITHMS) {
      const same = other === algorithm || (pair === ED25519 && (other === 'EdDSA' || other === 'Ed25519'));
      expect(isSignatureGood(token, pair.publicKey, other), other).toBe(same);
    }
    for (const { publicKey } of KEYS)
      expect(isSignatureGood(token, publicKey, algorithm)).toBe(publicKey === pair.publicKey);
  });

  it.each(cases)('by $algorithm is bad when anything is done to it', ({ algorithm, pair }) => {
    const [input, signature] = split(signRaw('{}', '{}', pair.privateKey, algorithm));
    for (const [name, change] of Object.entries(CHANGES)) {
      const token = `${input}.${change(signature, 9).toString('base64url')}`;
      expect(isSignatureGood(token, pair.publicKey, algorithm), name).toBe(false);
    }
    expect(isSignatureGood(`${input}.`, pair.publicKey, algorithm)).toBe(false);
    expect(isSignatureGood(`${input}x.${signature.toString('base64url')}`, pair.publicKey, algorithm)).toBe(false);
  });

  it('of an algorithm nobody lists is bad, whatever the key', () => {
    for (const { publicKey, privateKey } of KEYS) {
      const token = signRaw('{}', '{}', privateKey, publicKey.asymmetricKeyType === 'ed25519' ? 'EdDSA' : 'RS256');
      for (const name of ['none', 'HS256', '', 'RS1', 'RS256 ', 'xRS256', 'ES256K', '__proto__']) {
        expect(isSignatureGood(token, publicKey, name), name).toBe(false);
      }
    }
  });

  it('is bad when node:crypto throws', () => {
    const { privateKey } = RSA_2048;
    const token = signRaw('{}', '{}', privateKey, 'RS256');
    // Nothing that is a key makes it throw; what only looks like one does.
    const noKey = { asymmetricKeyType: 'rsa', asymmetricKeyDetails: {} } as unknown as KeyObject;
    expect(isSignatureGood(token, noKey, 'RS256')).toBe(false);
  });

  it('is judged as jose judges it: every algorithm, every key, good and changed', async () => {
    const algorithm = fc.constantFrom(...ALGORITHMS);
    const change = fc.constantFrom(undefined, ...Object.values(CHANGES));
    await fc.assert(
      fc.asyncProperty(
        algorithm,
        fc.nat(1),
        fc.constantFrom(...KEYS),
        fc.boolean(),
        fc.string({ unit: 'binary', maxLength: 300 }),
        change,
        fc.nat(4_000),
        async (signed, which, other, ownKey, payload, edit, at) => {
          const pairs = keysOf(signed);
          const pair = pairs[which % pairs.length] ?? other;
          const [input, signature] = split(signRaw(JSON.stringify({ alg: signed }), payload, pair.privateKey, signed));
          const token = `${input}.${(edit?.(signature, at) ?? signature).toString('base64url')}`;
          const { publicKey } = ownKey ? pair : other;
          expect(isSignatureGood(token, publicKey, signed)).toBe(await joseSays(token, publicKey, signed));
        },
      ),
      { numRuns: budgetRuns(150) },
    );
  });
});
