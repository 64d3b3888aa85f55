import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readAuthorization } from '../../../core/identity/authorization-header.ts';
import { prepareCase } from '../../../core/identity/testing/case-world.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  NOW_MS,
  signToken,
} from '../../../core/identity/testing/issuers.ts';
import { thumbprint } from '../../../core/identity/thumbprint.ts';
import { CATALOGUE } from '../../../test/support/hostile-tokens/catalogue.ts';
import type { Change, TokenCase } from '../../../test/support/hostile-tokens/types.ts';
import { explainToken } from './explain-token.ts';
import { formatExplanation } from './format-explanation.ts';
import { reasonInWords } from './reasons.ts';

const acme = createTestIssuer('acme', 'ES256');
const acmeThumbprint = thumbprint(acme.publicJwk);

const tokenOf = (change: Change): string => prepareCase(change).token;
const explainCase = async ({ change }: TokenCase) => {
  const { token, registry, nowMs } = prepareCase(change);
  return { token, explanation: await explainToken(token, registry, nowMs) };
};

const HOSTILE = CATALOGUE.flatMap(({ family, hostile }) =>
  hostile.map((one) => ({ ...one, name: `${family}: ${one.name}` })),
);
/** Spaces after `Bearer` belong to the header (RFC 6750, 2.1), so the gate never sees them as part of a token. */
const AT_THE_GATE = HOSTILE.filter(({ change }) => !tokenOf(change).startsWith(' '));
const TWINS = CATALOGUE.flatMap(({ twins }) => twins);

/** Parts of a token long enough to be told from other texts. */
const piecesOf = (token: string): readonly string[] =>
  token.split('.').flatMap((part) => (part.length > 24 ? [part.slice(0, 24), part.slice(-24)] : []));

describe('explaining the catalogue of hostile tokens', () => {
  it.each(AT_THE_GATE)('refuses as the gate does, and says where it stopped: $name', async (one) => {
    const { token, explanation } = await explainCase(one);
    const passesHeader = readAuthorization([`Bearer ${token}`]).ok;
    expect(explanation.accepted).toBe(false);
    expect(explanation.refusal?.code).toBe(one.code);
    if (passesHeader) expect(explanation.refusal?.reason).toBe(one.reason);
    const verdicts = explanation.steps.map(({ verdict }) => verdict);
    const stopped = verdicts.indexOf('refused');
    expect(verdicts.slice(0, stopped).every((verdict) => verdict === 'ok')).toBe(true);
    expect(verdicts.slice(stopped + 1).every((verdict) => verdict === 'not reached')).toBe(true);
    expect(explanation.steps[stopped]?.detail).toMatch(/^.{10,} \([a-z0-9_]+\)$/u);
    expect(explanation.allowed).toBeNull();
  });

  it('leaves out exactly one case', () => {
    expect(HOSTILE.length - AT_THE_GATE.length).toBe(1);
  });

  it('accepts every good twin', async () => {
    for (const twin of TWINS)
      expect((await explainCase(twin)).explanation, twin.name).toMatchObject({ accepted: true });
  });

  it('never shows the token or a part of it', async () => {
    for (const one of [...HOSTILE, ...TWINS]) {
      const { token, explanation } = await explainCase(one);
      const shown = `${JSON.stringify(explanation)}\n${formatExplanation(explanation).join('\n')}`;
      for (const piece of piecesOf(token)) expect(shown, one.name).not.toContain(piece);
    }
  });
});

describe('explaining a good token', () => {
  it('says which entry and key were used, and what its principal may do and where', async () => {
    const explanation = await explainToken(signToken(acme), createTestRegistry([createTestEntry(acme)]), NOW_MS);
    expect(explanation).toMatchObject({
      accepted: true,
      refusal: null,
      entry: 'acme',
      key: { kid: 'acme-1', thumbprint: acmeThumbprint, source: 'written in the entry' },
      allowed: {
        issuer: 'acme',
        subject: 'user',
        tenant: 't1',
        ownerKey: expect.stringMatching(/^[a-z2-7]{32}$/),
        permissions: ['uploads:create', 'uploads:read'],
        regions: ['euw1'],
        drained: [],
        expiresAt: '2026-11-21T00:59:00.000Z',
      },
    });
    const lines = formatExplanation(explanation);
    expect(lines.join('\n')).toContain('who      subject "user", tenant "t1", of issuer acme');
    expect(lines.join('\n')).toContain('may      uploads:create and uploads:read');
    expect(lines.join('\n')).toContain('where    euw1 (eu-west-1), under u/acme/');
  });

  it('says since when its key is known', async () => {
    const URI = 'https://acme.example/jwks.json';
    const copy = {
      jwks: { keys: [acme.publicJwk] },
      fetchedAt: '2026-11-20T23:59:00.000Z',
      status: 'ok',
      jwksUri: URI,
    };
    const registry = createTestRegistry([createTestEntry(acme, { keys: { jwksUri: URI } })], { keys: { acme: copy } });
    const { key } = await explainToken(signToken(acme), registry, NOW_MS);
    expect(key?.source).toBe(`${URI}, fetched 2026-11-20T23:59:00.000Z`);
  });

  it('shows unverified claims cut and escaped', async () => {
    const token = signToken(acme, { claims: { aud: `\u001b[31m${'x'.repeat(200)}`, iss: acme.issuer } });
    const explanation = await explainToken(token, createTestRegistry([createTestEntry(acme)]), NOW_MS);
    expect(explanation.refusal?.reason).toBe('audience_not_ours');
    expect(explanation.claims['aud']).toBe(`"\\u001b[31m${'x'.repeat(53)}…`);
    expect(formatExplanation(explanation).join('')).not.toContain('\u001b');
  });
});

describe('reasons', () => {
  it('all have words: every class that core/identity can give', () => {
    const folder = new URL('../../../core/identity/', import.meta.url);
    const sources = readdirSync(folder)
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const found = sources.flatMap((text) => [
      ...text.matchAll(/(?:\bno|invalid|revoked|malformed)\((?:'[a-z_]+', )?'([a-z_]+)'\)/g),
      ...text.matchAll(/reason: (?:[^,}]*\? )?'([a-z_]+)'/g),
    ]);
    const reasons = new Set(found.map(([, reason = '']) => reason));
    expect(reasons.size).toBeGreaterThan(30);
    for (const reason of reasons) expect(reasonInWords(reason), reason).toBeDefined();
  });

  it.each(['header_not_json', 'claims_duplicate_member', 'header_jku_refused', 'claims_too_deep'])(
    'has words for %s',
    (reason) => {
      expect(reasonInWords(reason)).toMatch(/^its (?:header|claims)/);
    },
  );

  it('has none for what does not exist', () => {
    expect(reasonInWords('made_up')).toBeUndefined();
  });
});
