import { describe, expect, it } from 'vitest';
import { lintEntry } from './lint-entry.ts';
import { parseKeys } from './parse-keys.ts';
import { parsePolicy } from './parse-policy.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestKeys,
  createTestPolicy,
  createTestRegistry,
  NOW_MS,
  signToken,
} from './testing/issuers.ts';
import { verifyToken } from './verify-token.ts';

const URI = 'https://acme.example/jwks.json';
const acme = createTestIssuer('acme', 'ES256');
const globex = createTestIssuer('globex', 'EdDSA');
const entry = createTestEntry(acme);
const fetchedEntry = createTestEntry(acme, { keys: { jwksUri: URI } });
const copy = (change: Record<string, unknown> = {}) => ({
  jwks: { keys: [acme.publicJwk] },
  fetchedAt: '2026-11-20T23:59:00.000Z',
  status: 'ok',
  jwksUri: URI,
  ...change,
});
const reasonWith = async (entries: readonly unknown[], keys: Record<string, unknown> = {}): Promise<string> => {
  const verification = await verifyToken(signToken(acme), createTestRegistry(entries, { keys }), NOW_MS);
  return verification.ok ? 'accepted' : verification.reason;
};

describe('policy.json', () => {
  it.each([
    ['a fault', { ...createTestEntry(globex), status: 'on' }],
    ['no object', 'text'],
    ['nothing in it', {}],
  ])('keeps the other entries when one has %s', async (_, faulty) => {
    expect(await reasonWith([faulty, entry])).toBe('accepted');
  });

  it('switches a faulty entry off and tells every fault', async () => {
    const faulty = { ...entry, status: 'on', algorithms: ['none'] };
    const parsed = parsePolicy(createTestPolicy([faulty]));
    expect(parsed.ok && parsed.policy.faulty).toMatchObject([
      {
        index: 0,
        id: 'acme',
        issuer: 'https://acme.example/',
        faults: [{ path: '/status' }, { path: '/algorithms/0' }],
      },
    ]);
    expect(await reasonWith([faulty])).toBe('issuer_unknown');
  });

  it.each([
    ['issuer', { ...createTestEntry(globex), issuer: acme.issuer }],
    ['id', { ...createTestEntry(globex), id: 'acme' }],
    ['issuer, the other faulty', { issuer: acme.issuer }],
  ])('lets neither of two entries with the same %s serve', async (_, twin) => {
    expect(await reasonWith([entry, twin])).toBe('issuer_unknown');
    expect(await reasonWith([twin, entry])).toBe('issuer_unknown');
  });

  const good = createTestPolicy([entry]);
  const cut = { issuer: 'acme', at: '2026-11-20T00:00:00.000Z', reason: 'leaked' };
  it.each([
    ['another schema', { ...good, schema: 2 }, '/schema'],
    ['no version', { ...good, version: undefined }, '/version'],
    ['a version of 0', { ...good, version: 0 }, '/version'],
    ['an unknown member', { ...good, deny: [] }, '/deny'],
    ['issuers that are no list', { ...good, issuers: {} }, '/issuers'],
    ['a drain by AWS name', { ...good, drain: ['eu-west-1'] }, '/drain/0'],
    ['no revocations', { ...good, revocations: undefined }, '/revocations'],
    [
      'an unknown kind of revocation',
      { ...good, revocations: { ...good.revocations, people: [] } },
      '/revocations/people',
    ],
    [
      'a kid by its name',
      { ...good, revocations: { ...good.revocations, kids: [{ ...cut, kid: 'k1' }] } },
      '/revocations/kids/0/thumbprint',
    ],
    [
      'a moment whose spelling no clock reads',
      {
        ...good,
        revocations: { ...good.revocations, issuedBefore: [{ ...cut, before: '2026-11-21T00:00:00+01' }] },
      },
      '/revocations/issuedBefore/0/before',
    ],
    [
      'a moment that never was',
      { ...good, revocations: { ...good.revocations, issuedBefore: [{ ...cut, before: '2026-13-01T00:00:00Z' }] } },
      '/revocations/issuedBefore/0/before',
    ],
  ])('is refused whole with %s, since going on could let in who was cut off', (_, document, path) => {
    const parsed = parsePolicy(document);
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.path)).toContain(path);
  });

  it.each([[null], ['text'], [[]], [7]])('is refused when it is %j', (value) => {
    expect(parsePolicy(value)).toMatchObject({ ok: false });
    expect(parseKeys(value)).toMatchObject({ ok: false });
  });
});

describe('keys.json', () => {
  it('brings the keys of an entry with a jwksUri', async () => {
    expect(await reasonWith([fetchedEntry], { acme: copy() })).toBe('accepted');
  });

  it('may leave out where a set came from', async () => {
    expect(await reasonWith([fetchedEntry], { acme: copy({ jwksUri: undefined }) })).toBe('accepted');
  });

  it.each([
    ['is missing', {}],
    ['is of another issuer', { globex: copy() }],
    ['cannot be read', { acme: copy({ jwks: null }) }],
    ['was never fetched', { acme: copy({ fetchedAt: null }) }],
    ['came from another address', { acme: copy({ jwksUri: 'https://old.example/jwks.json' }) }],
  ])('leaves an issuer without keys when its copy %s', async (_, keys) => {
    expect(await reasonWith([fetchedEntry], keys)).toBe('keys_absent');
  });

  it('never overlays inline keys', async () => {
    const inline = createTestEntry(acme, { keys: { jwks: { keys: [globex.publicJwk] } } });
    expect(await reasonWith([inline], { acme: copy() })).toBe('kid_unknown');
  });

  it('keeps the other issuers when one copy cannot be read', () => {
    const parsed = parseKeys(createTestKeys({ acme: copy(), globex: 'text' }));
    expect(parsed.ok && [...parsed.keys.copies.keys(), ...parsed.keys.faulty]).toEqual(['acme', 'globex']);
  });

  it.each([
    ['24 h', {}, '2026-11-20T00:00:00.001Z', 'accepted'],
    ['24 h and no more', {}, '2026-11-20T00:00:00.000Z', 'keys_ended'],
    ['the life of its entry', { keyLifeSeconds: 600 }, '2026-11-20T23:50:00.001Z', 'accepted'],
    ['the life of its entry and no more', { keyLifeSeconds: 600 }, '2026-11-20T23:50:00.000Z', 'keys_ended'],
  ])('outlives its provider’s trouble by %s', async (_, change, fetchedAt, reason) => {
    expect(await reasonWith([{ ...fetchedEntry, ...change }], { acme: copy({ fetchedAt }) })).toBe(reason);
  });

  it('is linted again by every hop: a weak key in it serves nobody', async () => {
    const weak = { ...acme.publicJwk, use: 'enc' };
    expect(await reasonWith([fetchedEntry], { acme: copy({ jwks: { keys: [weak] } }) })).toBe('kid_unknown');
  });
});

describe('linting an entry', () => {
  const lint = (value: unknown, allowLoopback = false) => lintEntry(value, { allowLoopback }).map(({ path }) => path);

  it('finds nothing in a good one', () => {
    expect(lint(entry)).toEqual([]);
  });

  it('finds weak inline keys, which serve nobody though the entry is taken', () => {
    expect(lint({ ...entry, keys: { jwks: { keys: [acme.publicJwk, { ...globex.publicJwk, d: 'AA' }] } } })).toEqual([
      '/keys/jwks/keys/1/d',
    ]);
  });

  it('takes loopback key sets only where it is told to', () => {
    const loopback = { ...entry, keys: { jwksUri: 'http://127.0.0.1:8080/jwks.json' } };
    expect(lint(loopback)).toEqual(['/keys/jwksUri']);
    expect(lint(loopback, true)).toEqual([]);
  });

  it('tells the faults of an entry that cannot be read', () => {
    expect(lint({ ...entry, id: 'A' })).toEqual(['/id']);
  });
});
