import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { signRaw } from '../../test/support/sign-raw.ts';
import { parseKeys } from './parse-keys.ts';
import { parsePolicy } from './parse-policy.ts';
import { createTestEntry, createTestIssuer, createTestRegistry, NOW_MS, signToken } from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const acme = createTestIssuer('acme', 'ES256');
const globex = createTestIssuer('globex', 'EdDSA');
const local = createTestIssuer('local', 'RS256');
const issuers = [acme, globex, local];
const registry = createTestRegistry(issuers.map((issuer) => createTestEntry(issuer)));
/** `printf token-1 | openssl dgst -sha256 -binary | base64 | cut -c1-12` */
const TOKEN_1 = 'PwiqzhIu4jaE';

describe('a good token', () => {
  it('gives its principal', async () => {
    const verification = await verifyToken(signToken(acme), registry, NOW_MS);
    expect(verification).toMatchObject({
      ok: true,
      kid: 'acme-1',
      tokenId: TOKEN_1,
      entry: { id: 'acme' },
      principal: {
        issuerId: 'acme',
        issuer: 'https://acme.example/',
        tenant: 't1',
        subject: 'user',
        ownerKey: 'osk3rjquzs6qofducdm7cvqpmc4bd6ti',
        permissions: new Set(['uploads:create', 'uploads:read']),
        limits: { regions: ['euw1'] },
        expiresAt: NOW_MS + 3_540_000,
        jti: 'token-1',
      },
    });
  });

  it('grants only the permissions there are', async () => {
    const scope = 'uploads:create admin uploads:* UPLOADS:READ';
    const verification = await verifyToken(signToken(acme, { claims: { scope } }), registry, NOW_MS);
    expect(verification.ok && [...verification.principal.permissions]).toEqual(['uploads:create']);
  });

  it('belongs to its whole tenant where the entry says so', async () => {
    const entry = createTestEntry(acme, { ownership: 'tenant' });
    const verification = await verifyToken(signToken(acme), createTestRegistry([entry]), NOW_MS);
    expect(verification.ok && verification.principal.ownerKey).toBe('plu3xdpjra3dzcs5obuxf5ehuo6t6qd5');
  });

  it('has no tenant where the entry names no claim', async () => {
    const entry = createTestEntry(acme, { claims: { subject: ['sub'], tenant: null }, tenants: null });
    const verification = await verifyToken(signToken(acme), createTestRegistry([entry]), NOW_MS);
    expect(verification.ok && verification.principal.tenant).toBe(null);
  });

  it('passes every check in order, and each is told', async () => {
    const steps: [string, string | null][] = [];
    await verifyToken(signToken(acme), registry, NOW_MS, (check, reason) => steps.push([check, reason]));
    expect(steps.map(([check]) => check)).toEqual(
      ['form', 'issuer', 'key', 'signature', 'type', 'times', 'expiry', 'not before', 'issued at', 'age'].concat([
        'audience',
        'required claims',
        'subject',
        'tenant',
        'permissions',
        'token id',
        'revocations',
      ]),
    );
    expect(steps.every(([, reason]) => reason === null)).toBe(true);
  });
});

describe('a refused token', () => {
  it('stops at the first check that says no', async () => {
    const steps: [string, string | null][] = [];
    const token = signToken(acme, { claims: { aud: 'other', sub: '' } });
    await verifyToken(token, registry, NOW_MS, (check, reason) => steps.push([check, reason]));
    expect(steps.at(-1)).toEqual(['audience', 'audience_not_ours']);
  });

  it('names the issuer only if it is configured', async () => {
    const unknown = await verifyToken(signToken(acme, { claims: { iss: 'https://evil.example/' } }), registry, NOW_MS);
    expect(unknown).toEqual({
      ok: false,
      code: 'token_untrusted',
      reason: 'issuer_unknown',
      issuerId: null,
      kid: 'acme-1',
      tokenId: TOKEN_1,
      keyWanted: false,
    });
    const known = await verifyToken(signToken(acme, { header: { kid: 'other' } }), registry, NOW_MS);
    expect(known).toEqual({
      ok: false,
      code: 'token_untrusted',
      reason: 'kid_unknown',
      issuerId: 'acme',
      kid: 'other',
      tokenId: TOKEN_1,
      keyWanted: false,
    });
  });
});

describe('whatever is sent', () => {
  it('the verifier never throws: any text, any JSON signed with a good key', async () => {
    const anyToken = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.tuple(fc.json(), fc.json()).map(([header, claims]) => signRaw(header, claims, globex.privateKey, 'EdDSA')),
      fc
        .dictionary(
          fc.constantFrom('exp', 'iat', 'nbf', 'aud', 'sub', 'org', 'scope', 'jti', 'token_use'),
          fc.jsonValue(),
        )
        .map((claims) => signToken(globex, { claims })),
      fc
        .dictionary(fc.constantFrom('alg', 'kid', 'typ', 'cty', '__proto__'), fc.jsonValue())
        .map((header) => signToken(globex, { header })),
    );
    await fc.assert(
      fc.asyncProperty(anyToken, async (token) => {
        const verification = await verifyToken(token, registry, NOW_MS);
        expect(typeof verification.ok).toBe('boolean');
      }),
      { numRuns: budgetRuns(1_000) },
    );
  });

  it('the documents’ parsers never throw', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(typeof parsePolicy(value).ok).toBe('boolean');
        expect(typeof parsePolicy({ schema: 1, version: 1, issuers: [value] }).ok).toBe('boolean');
        expect(typeof parseKeys({ schema: 1, version: 1, keys: { a: value } }).ok).toBe('boolean');
      }),
      { numRuns: budgetRuns(1_000) },
    );
  });
});
