import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../contract/problems.ts';
import { verifyCase } from './testing/change-token.ts';
import { AUDIENCE, CLAIMS, REVOCATION, TIME } from './testing/hostile-claims.ts';
import { FORM, HEADER, TRUST } from './testing/hostile-form.ts';
import { createTestIssuer } from './testing/issuers.ts';
import { thumbprint } from './thumbprint.ts';

const FAMILIES = [FORM, HEADER, TRUST, TIME, AUDIENCE, CLAIMS, REVOCATION];
const BEFORE_SIGNATURE = ['token_malformed', 'token_untrusted'];

const acme = createTestIssuer('acme', 'ES256');
const globex = createTestIssuer('globex', 'EdDSA');
const rival = { ...createTestIssuer('rival', 'ES256'), id: 'globex' };
const acmeThumbprint = thumbprint(acme.publicJwk);

describe.each(FAMILIES)('hostile tokens: $family', ({ twins, hostile }) => {
  it.each(twins)('accepts the good twin: $name', async ({ change }) => {
    expect(await verifyCase(acme, globex, acmeThumbprint, change)).toMatchObject({ ok: true, kid: 'acme-1' });
  });

  it.each(hostile)('refuses $name', async ({ change, code, reason }) => {
    const other = change.stolen ? rival : globex;
    expect(await verifyCase(acme, other, acmeThumbprint, change)).toMatchObject({ ok: false, code, reason });
  });
});

describe('the catalogue', () => {
  const all = FAMILIES.flatMap(({ hostile }) => hostile);

  it('has at least 100 hostile tokens, each with a name of its own in its family', () => {
    expect(all.length).toBeGreaterThanOrEqual(100);
    for (const { hostile } of FAMILIES) expect(new Set(hostile.map(({ name }) => name)).size).toBe(hostile.length);
  });

  it('has a good twin in every family, and every code a token can be refused with', () => {
    for (const { twins } of FAMILIES) expect(twins.length).toBeGreaterThan(0);
    const codes = new Set(all.map(({ code }) => code));
    const wanted = Object.entries(PROBLEMS).filter(([code, { status }]) => status === 401 && code !== 'token_missing');
    expect([...codes].sort()).toEqual(wanted.map(([code]) => code).sort());
  });

  it('shows nothing but malformed and untrusted before the signature is known to be good', () => {
    for (const { hostile } of [FORM, TRUST]) {
      for (const { code } of hostile) expect(BEFORE_SIGNATURE).toContain(code);
    }
  });
});
