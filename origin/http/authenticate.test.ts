import { describe, expect, it } from 'vitest';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  NOW_MS,
  signToken,
} from '../../core/identity/testing/issuers.ts';
import type { Dimensions, Telemetry } from '../telemetry/telemetry.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { authenticate, type CallerNotes } from './authenticate.ts';
import { createBudget } from './budget.ts';

const ACME = createTestIssuer('acme', 'ES256');
const JWKS_URI = 'https://acme.example/jwks.json';
const copy = {
  jwks: { keys: [ACME.publicJwk] },
  fetchedAt: '2026-11-20T23:00:00.000Z',
  status: 'ok',
  jwksUri: JWKS_URI,
};
const registry = createTestRegistry([createTestEntry(ACME, { keys: { jwksUri: JWKS_URI } })], { keys: { acme: copy } });

/** Authenticates `token` and tells what became of it. */
const authenticateOne = async (token: string | null) => {
  const asked: string[] = [];
  const counts: (readonly [string, Dimensions])[] = [];
  const notes: CallerNotes = {};
  const telemetry: Telemetry = {
    ...SILENT,
    measure: { ...SILENT.measure, count: (name, dimensions) => void counts.push([name, dimensions]) },
  };
  const outcome = await authenticate(
    {
      registry: { get: async () => registry },
      askForKeys: async (issuerId) => void asked.push(issuerId),
      now: () => NOW_MS,
      telemetry,
    },
    {
      authorization: token === null ? [] : [`Bearer ${token}`],
      budget: createBudget({ now: () => performance.now(), totalMs: 1_000 }),
      notes,
    },
  ).then(
    ({ subject }) => subject,
    (error: unknown) => String(error).split(':')[1]?.trim(),
  );
  return { outcome, asked, counts, notes };
};

describe('a caller', () => {
  it('who is let in is counted by issuer, and noted with a short hash of the jti', async () => {
    expect(await authenticateOne(signToken(ACME))).toEqual({
      outcome: 'user',
      asked: [],
      counts: [['Tokens', { issuer: 'acme', tokenClass: 'accepted' }]],
      notes: { issuer: 'acme', kid: 'acme-1', tokenId: 'PwiqzhIu4jaE' },
    });
  });

  it('whose key is unknown makes us ask the refresher, and is refused', async () => {
    const { outcome, asked, counts } = await authenticateOne(signToken(ACME, { header: { kid: 'acme-2' } }));
    expect(outcome).toBe('token_untrusted');
    expect(asked).toEqual(['acme']);
    expect(counts).toEqual([['Tokens', { issuer: 'acme', tokenClass: 'kid_unknown' }]]);
  });

  it('of an unknown issuer has no say in what is counted', async () => {
    const { outcome, asked, counts, notes } = await authenticateOne(
      signToken(ACME, { claims: { iss: 'https://evil.example' }, header: { kid: 'acme\u2028' } }),
    );
    expect(outcome).toBe('token_untrusted');
    expect(asked).toEqual([]);
    expect(counts).toEqual([['Tokens', { issuer: 'unknown', tokenClass: 'issuer_unknown' }]]);
    expect(notes).toEqual({ kid: 'acme\\u2028', tokenId: 'PwiqzhIu4jaE' });
  });

  it('without a token is counted too', async () => {
    const { outcome, counts } = await authenticateOne(null);
    expect(outcome).toBe('token_missing');
    expect(counts).toEqual([['Tokens', { issuer: 'unknown', tokenClass: 'authorization_absent' }]]);
  });
});
