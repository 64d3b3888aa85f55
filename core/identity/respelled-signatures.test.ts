/**
 * Some signatures can be written in other bytes by anybody who sees them: with (r, s) an ECDSA signature (r, n − s) is good too. Providers
 * send either half the time, so none can be refused. A token is therefore never told by its bytes, and everything that cuts one off cuts
 * off both spellings. No other algorithm of ours has a second one.
 */
import { describe, expect, it } from 'vitest';
import type { Algorithm } from '../contract/issuer-entry.ts';
import type { Revocations } from '../contract/registry.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW_MS, signToken } from './testing/issuers.ts';
import { judge } from './testing/judge.ts';
import { ORDERS, respellEcdsa, toBytes, toNumber } from './testing/respell-signature.ts';
import { thumbprint } from './thumbprint.ts';
import { verifyToken } from './verify-token.ts';

const issuerOf = (algorithm: Algorithm) => {
  const issuer = createTestIssuer('acme', algorithm);
  const registry = (revocations: Partial<Revocations> = {}) =>
    createTestRegistry([createTestEntry(issuer)], { revocations });
  return { token: signToken(issuer), registry, key: thumbprint(issuer.publicJwk) };
};

const signatureOf = (token: string): Buffer => Buffer.from(token.split('.')[2] ?? '', 'base64url');
const withSignature = (token: string, signature: Buffer): string =>
  token.replace(/[^.]*$/, signature.toString('base64url'));

describe.each(['ES256', 'ES384', 'ES512'] as const)('a token signed by %s', (algorithm) => {
  const { token, registry, key } = issuerOf(algorithm);
  const respelled = respellEcdsa(token) ?? '';

  it('is as good with (r, n − s), and of the same principal', async () => {
    expect(respelled).not.toBe(token);
    expect(respellEcdsa(respelled)).toBe(token);
    const first = await verifyToken(token, registry(), NOW_MS);
    expect(first.ok).toBe(true);
    expect(await verifyToken(respelled, registry(), NOW_MS)).toEqual(first);
  });

  const about = { issuer: 'acme', at: '2026-11-20T00:00:00.000Z', reason: 'leaked' };
  it.each<[string, string, Partial<Revocations>]>([
    ['its jti', 'jti_revoked', { tokens: [{ ...about, jti: 'token-1' }] }],
    ['its subject', 'subject_revoked', { subjects: [{ ...about, subject: 'user' }] }],
    ['its key', 'key_revoked', { kids: [{ ...about, thumbprint: key }] }],
    ['the moment it was issued', 'issued_before', { issuedBefore: [{ ...about, before: '2026-11-21T00:00:00.000Z' }] }],
    ['its issuer', 'issuer_disabled', { disabled: [about] }],
  ])('is cut off by %s in both spellings', async (_, reason, revocations) => {
    const cut = registry(revocations);
    expect([await judge(cut, token), await judge(cut, respelled)]).toEqual([reason, reason]);
  });

  it.each(['r', 's'])('is refused with %s beyond the order of the group', async (which) => {
    const signature = signatureOf(token);
    const half = signature.length / 2;
    const [r, s] = [signature.subarray(0, half), signature.subarray(half)];
    // Where there is no room for the sum the order itself stands for it, which must be refused too.
    const beyond = (value: Buffer): Buffer => {
      const sum = toNumber(value) + ORDERS[algorithm];
      return toBytes(sum < 1n << BigInt(half * 8) ? sum : ORDERS[algorithm], half);
    };
    const changed = Buffer.concat(which === 'r' ? [beyond(r), s] : [r, beyond(s)]);
    expect(await judge(registry(), withSignature(token, changed))).toBe('signature_bad');
  });
});

describe('a token of another algorithm has one spelling', () => {
  it('Ed25519: S plus the order of the group is refused (RFC 8032, 5.1.7)', async () => {
    const { token, registry } = issuerOf('EdDSA');
    const signature = signatureOf(token);
    const s = toNumber(Buffer.from(signature.subarray(32).toReversed()));
    const other = Buffer.from(toBytes(s + ORDERS.EdDSA, 32).toReversed());
    expect(await judge(registry(), token)).toBe('accepted');
    expect(await judge(registry(), withSignature(token, Buffer.concat([signature.subarray(0, 32), other])))).toBe(
      'signature_bad',
    );
  });

  it.each(['RS256', 'PS256'] as const)(
    '%s: the signature plus the modulus is refused (RFC 8017, 5.2.2)',
    async (name) => {
      const issuer = createTestIssuer('acme', name);
      const registry = createTestRegistry([createTestEntry(issuer)]);
      const modulus = toNumber(Buffer.from(String(issuer.publicJwk['n']), 'base64url'));
      for (let turn = 0; turn < 20; turn += 1) {
        const token = signToken(issuer, { claims: { jti: `token-${turn}` } });
        const sum = toNumber(signatureOf(token)) + modulus;
        const length = sum < 1n << 2_048n ? 256 : 257;
        expect(await judge(registry, token)).toBe('accepted');
        expect(await judge(registry, withSignature(token, toBytes(sum, length)))).toBe('signature_bad');
        if (length === 256) return;
      }
    },
  );
});
