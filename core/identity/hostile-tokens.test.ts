import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../test/support/hostile-tokens/catalogue.ts';
import { PROBLEMS } from '../contract/problems.ts';
import { prepareCase } from './testing/case-world.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW, NOW_MS, signToken } from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const BEFORE_SIGNATURE = ['token_malformed', 'token_untrusted'];

describe.each(CATALOGUE)('hostile tokens: $family', ({ twins, hostile }) => {
  it.each(twins)('accepts the good twin: $name', async ({ change }) => {
    const { token, registry, nowMs } = prepareCase(change);
    expect(await verifyToken(token, registry, nowMs)).toMatchObject({ ok: true, kid: 'acme-1' });
  });

  it.each(hostile)('refuses $name', async ({ change, code, reason }) => {
    const { token, registry, nowMs } = prepareCase(change);
    expect(await verifyToken(token, registry, nowMs)).toMatchObject({ ok: false, code, reason });
  });
});

describe('the catalogue', () => {
  const all = CATALOGUE.flatMap(({ hostile }) => hostile);

  it('has at least 200 hostile tokens, each with a name of its own in its family', () => {
    expect(all.length).toBeGreaterThanOrEqual(200);
    for (const { hostile } of CATALOGUE) expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
  });

  it('has a good twin in every family, and every code a token can be refused with', () => {
    for (const { twins } of CATALOGUE) expect(twins.length).toBeGreaterThan(0);
    const codes = new Set(all.map(({ code }) => code));
    const wanted = Object.entries(PROBLEMS).filter(([code, { status }]) => status === 401 && code !== 'token_missing');
    expect([...codes].sort()).toEqual(wanted.map(([code]) => code).sort());
  });

  it('shows nothing but malformed and untrusted before the signature is known to be good', () => {
    const early = CATALOGUE.filter(({ family }) => ['form', 'trust', 'key sets'].includes(family));
    expect(early).toHaveLength(3);
    for (const { code } of early.flatMap(({ hostile }) => hostile)) expect(BEFORE_SIGNATURE).toContain(code);
  });
});

/** Bounds of time, to the millisecond: 10 s of clock skew, a life of at most 3,600 s. */
describe('a token at a bound of time', () => {
  const acme = createTestIssuer('acme', 'ES256');
  const registry = createTestRegistry([createTestEntry(acme)]);
  const reasonAt = async (claims: Record<string, number>, nowMs = NOW_MS): Promise<string> => {
    const verification = await verifyToken(signToken(acme, { claims }), registry, nowMs);
    return verification.ok ? 'accepted' : verification.reason;
  };

  it.each([
    ['ends with the skew', { iat: NOW - 600, exp: NOW - 10 }, NOW_MS - 1, 'accepted'],
    ['has ended with the skew', { iat: NOW - 600, exp: NOW - 10 }, NOW_MS, 'expired'],
    ['begins within the skew', { nbf: NOW + 10 }, NOW_MS, 'accepted'],
    ['begins beyond the skew', { nbf: NOW + 10 }, NOW_MS - 1, 'before_nbf'],
    ['is issued within the skew', { iat: NOW + 10, exp: NOW + 60 }, NOW_MS, 'accepted'],
    ['is issued beyond the skew', { iat: NOW + 10, exp: NOW + 60 }, NOW_MS - 1, 'iat_in_future'],
    ['lives as long as may be', { iat: NOW, exp: NOW + 3_600 }, NOW_MS, 'accepted'],
    ['lives a second longer', { iat: NOW, exp: NOW + 3_601 }, NOW_MS, 'life_above_maximum'],
  ])('%s', async (_, claims, nowMs, reason) => {
    expect(await reasonAt(claims, nowMs)).toBe(reason);
  });
});
