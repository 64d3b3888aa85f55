import { describe, expect, it } from 'vitest';
import type { IssuerEntry } from '../contract/issuer-entry.ts';
import type { Revocations } from '../contract/registry.ts';
import { createAskLimiter } from './ask-limiter.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW_MS, signToken } from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const acme = createTestIssuer('acme', 'ES256');
const JWKS_URI = 'https://acme.example/jwks.json';
const at = (ms: number): string => new Date(ms).toISOString();

/** A token of a key that the copy does not have, and whether its key is worth asking for. */
const wanted = async (
  change: {
    readonly claims?: Record<string, unknown>;
    readonly header?: Record<string, unknown>;
    readonly entry?: Partial<IssuerEntry>;
    readonly copy?: Record<string, unknown> | null;
    readonly revocations?: Partial<Revocations>;
  } = {},
) => {
  const copy = {
    jwks: { keys: [acme.publicJwk] },
    fetchedAt: at(NOW_MS - 3_600_000),
    status: 'ok',
    jwksUri: JWKS_URI,
    triedAt: at(NOW_MS - 30_001),
  };
  const registry = createTestRegistry([createTestEntry(acme, { keys: { jwksUri: JWKS_URI }, ...change.entry })], {
    keys: change.copy === null ? {} : { acme: { ...copy, ...change.copy } },
    ...(change.revocations ? { revocations: change.revocations } : {}),
  });
  const token = signToken(acme, { header: { kid: 'acme-2', ...change.header }, claims: change.claims ?? {} });
  const verification = await verifyToken(token, registry, NOW_MS);
  return verification.ok ? 'accepted' : [verification.reason, verification.keyWanted];
};

const revocation = { issuer: 'acme', at: at(NOW_MS), reason: 'test' };

describe('the key of a token is worth asking for', () => {
  it('when its kid is unknown and the provider was last asked more than 30 s ago', async () => {
    expect(await wanted()).toEqual(['kid_unknown', true]);
  });

  it('when there are no keys yet, or what there was has ended', async () => {
    expect(await wanted({ copy: null })).toEqual(['keys_absent', true]);
    expect(await wanted({ copy: { fetchedAt: at(NOW_MS - 86_400_000) } })).toEqual(['keys_ended', true]);
  });

  it('when the document does not say when the provider was asked, but the set is old', async () => {
    expect(await wanted({ copy: { triedAt: undefined } })).toEqual(['kid_unknown', true]);
  });
});

describe('nobody is asked', () => {
  it.each([
    ['the provider was asked 30 s ago', { copy: { triedAt: at(NOW_MS - 30_000) } }, 'kid_unknown'],
    ['it was asked in vain 30 s ago', { copy: { fetchedAt: null, triedAt: at(NOW_MS - 30_000) } }, 'keys_absent'],
    ['the keys are written into the entry', { entry: createTestEntry(acme) }, 'kid_unknown'],
    ['the algorithm is not allowed', { header: { alg: 'RS256' } }, 'alg_not_allowed'],
    ['the type is wrong', { header: { typ: 'id+jwt' } }, 'kid_unknown'],
    ['the token has ended', { claims: { exp: NOW_MS / 1_000 - 11 } }, 'kid_unknown'],
    ['it is for another audience', { claims: { aud: 'other' } }, 'kid_unknown'],
    ['it has no tenant', { claims: { org: {} } }, 'kid_unknown'],
    ['a required claim differs', { claims: { token_use: 'id' } }, 'kid_unknown'],
    ['its subject is revoked', { revocations: { subjects: [{ ...revocation, subject: 'user' }] } }, 'kid_unknown'],
    ['its issuer is disabled', { revocations: { disabled: [revocation] } }, 'kid_unknown'],
  ])('if %s', async (_, change, reason) => {
    expect(await wanted(change)).toEqual([reason, false]);
  });

  it('if the signature of a known key is bad', async () => {
    const registry = createTestRegistry([createTestEntry(acme, { keys: { jwksUri: JWKS_URI } })], {
      keys: { acme: { jwks: { keys: [acme.publicJwk] }, fetchedAt: at(NOW_MS - 3_600_000), status: 'ok' } },
    });
    const token = signToken({ ...createTestIssuer('acme', 'ES256') });
    expect(await verifyToken(token, registry, NOW_MS)).toMatchObject({ reason: 'signature_bad', keyWanted: false });
  });
});

describe('the limiter of an instance', () => {
  it('lets one ask for an issuer through in 30 s', () => {
    let now = NOW_MS;
    const mayAsk = createAskLimiter(() => now);
    expect([mayAsk('acme'), mayAsk('acme'), mayAsk('globex')]).toEqual([true, false, true]);
    now += 29_999;
    expect(mayAsk('acme')).toBe(false);
    now += 1;
    expect(mayAsk('acme')).toBe(true);
  });

  it('lets eight asks through in 30 s, whoever they are for', () => {
    let now = NOW_MS;
    const mayAsk = createAskLimiter(() => now);
    const asks = Array.from({ length: 1_000 }, (_, index) => mayAsk(`issuer-${index}`));
    expect(asks.filter(Boolean)).toHaveLength(8);
    now += 30_000;
    expect(mayAsk('another')).toBe(true);
  });

  it('does not stay shut when the clock is set back', () => {
    let now = NOW_MS;
    const mayAsk = createAskLimiter(() => now);
    mayAsk('acme');
    now -= 3_600_000;
    expect(mayAsk('acme')).toBe(true);
  });
});
