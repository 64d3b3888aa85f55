import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { IssuerEntrySchema } from './issuer-entry.ts';
import { PolicyDocumentSchema } from './registry.ts';
import { ENTRY_SHAPE, POLICY_SHAPE } from './registry-shapes.ts';
import { faultsOfShape, type Shape } from './shape.ts';

const ENTRY = {
  id: 'acme',
  issuer: 'https://acme.example/',
  status: 'active',
  audiences: ['nearput', 'other'],
  audienceClaim: ['client_id'],
  algorithms: ['RS256', 'EdDSA'],
  tokenTypes: ['at+jwt', 'absent'],
  keys: { jwksUri: 'https://acme.example/jwks.json' },
  claims: { subject: ['sub'], tenant: ['org', 'id'] },
  ownership: 'tenant',
  requiredClaims: { token_use: 'access', level: [1, true] },
  tenants: ['t1', 't2'],
  permissions: { claim: ['scope'] },
  maxTokenAgeSeconds: 3_600,
  clockSkewSeconds: 10,
  keyLifeSeconds: 600,
  limits: { minBytes: 0, maxBytes: 5, types: ['image/*', 'a/b'], urlTtlSeconds: 900, regions: ['euw1', 'use1'] },
  note: 'a note',
};
const INLINE = { ...ENTRY, keys: { jwks: { keys: [{ kty: 'EC' }] } } };
const OWNED_BY_SUBJECT = { ...ENTRY, claims: { subject: ['sub'], tenant: null }, ownership: 'subject', tenants: null };

const cut = { issuer: 'acme', at: '2026-11-20T00:00:00.000Z', reason: '' };
const POLICY = {
  schema: 1,
  version: 7,
  publishedAt: '2026-11-20T00:00:00Z',
  publishedBy: 'ada',
  issuers: [ENTRY],
  drain: ['euw1'],
  revocations: {
    disabled: [cut],
    kids: [{ ...cut, thumbprint: 'A'.repeat(43) }],
    tokens: [{ ...cut, jti: 'j' }],
    subjects: [{ ...cut, subject: 's' }],
    issuedBefore: [{ ...cut, before: '2026-11-20T00:00:00.5Z' }],
  },
};

/** Every place in a value, as a list of names. */
const placesIn = (value: unknown): (string | number)[][] => {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([name, member]) => placesIn(member).map((place) => [name, ...place]))];
};

type Edit = { readonly how: 'set' | 'remove' | 'add' | 'repeat'; readonly value: unknown };

const edited = (value: unknown, place: readonly (string | number)[], edit: Edit): unknown => {
  const [name, ...rest] = place;
  if (name !== undefined) {
    const copy = structuredClone(value) as Record<string | number, unknown>;
    if (rest.length === 0 && edit.how === 'remove') {
      if (Array.isArray(copy)) copy.splice(Number(name), 1);
      else delete copy[name];
    } else copy[name] = edited(copy[name], rest, edit);
    return copy;
  }
  if (edit.how === 'set' || typeof value !== 'object' || value === null) return edit.value;
  if (Array.isArray(value)) return [...value, edit.how === 'repeat' ? value[0] : edit.value];
  return { ...value, extra: edit.value };
};

/** What lies at the edges of the rules. */
const notable = fc.constantFrom<unknown>(
  ...[null, '', 'x', 'sub', 'https://a.example/', 'http://a.example/', 'http://127.0.0.1:1/', 'https://a.example:444/'],
  ...['https://10.0.0.1/', 'https://a.example/#', 'active', 'disabled', 'none', 'ES256', 'JWT', 'subject', 'tenant'],
  ...['*/*', 'image/svg+xml', 'IMAGE/*', 'euw1', 'eu-west-1', 'A'.repeat(43), 'x'.repeat(255), 'x'.repeat(256)],
  ...['\u0007', '\ud800', 'x'.repeat(4_000), 'x'.repeat(4_001), '2026-11-20T00:00:00Z', '2026-13-20T00:00:00Z'],
  ...['2026-11-20T00:00:00+02:00', '2026-11-20', '2026-02-30T00:00:00Z'],
  ...[0, -1, 1, 0.5, 59, 60, 61, 599, 600, 604_800, 604_801, 3_600, 3_601, 2_592_000, 2_592_001, 1e300],
  ...[53_687_091_200_000, 53_687_091_200_001, 9_007_199_254_740_992, true, [], ['x'], ['x', 'x'], {}, { keys: [] }],
  ...[Array.from({ length: 65 }, (_, index) => `${index}`), Array.from({ length: 17 }, () => ({})), [[]], [1], ['']],
  ...[{ jwks: { keys: [1] } }, { jwksUri: 'https://a.example/', jwks: { keys: [1] } }],
);

const agree = (shape: Shape, schema: v.GenericSchema, good: readonly unknown[]): void => {
  const anyEdit = fc.record({
    how: fc.constantFrom<Edit['how'][]>('set', 'set', 'remove', 'add', 'repeat'),
    value: fc.oneof({ weight: 4, arbitrary: notable }, fc.jsonValue()),
  });
  fc.assert(
    fc.property(fc.constantFrom(...good), fc.array(fc.tuple(fc.nat(), anyEdit), { maxLength: 2 }), (start, edits) => {
      const value = edits.reduce<unknown>((last, [at, edit]) => {
        const places = placesIn(last);
        return edited(last, places[at % places.length] ?? [], edit);
      }, start);
      const json: unknown = JSON.parse(JSON.stringify(value ?? null));
      expect(faultsOfShape(shape, json).length === 0).toBe(v.safeParse(schema, json).success);
    }),
    { numRuns: budgetRuns(4_000) },
  );
};

describe('what a hop takes', () => {
  it('are the entries that lint takes, and no others', () => {
    const good = [ENTRY, INLINE, OWNED_BY_SUBJECT];
    for (const entry of good) expect(faultsOfShape(ENTRY_SHAPE, entry)).toEqual([]);
    agree(ENTRY_SHAPE, IssuerEntrySchema, good);
  });

  it('are the policies that the publisher takes, and no others', () => {
    expect(faultsOfShape(POLICY_SHAPE, POLICY)).toEqual([]);
    agree(POLICY_SHAPE, PolicyDocumentSchema, [POLICY]);
  });

  it('is told with every fault and its JSON pointer', () => {
    const { issuer: _, ...rest } = ENTRY;
    const faulty = { ...rest, 'a/b~c': 1, status: 'on', claims: { subject: [''], tenant: 7 }, audiences: ['x', 'x'] };
    expect(faultsOfShape(ENTRY_SHAPE, faulty).map(({ path, message }) => `${path} ${message}`)).toEqual([
      '/a~1b~0c is not a member here',
      '/issuer is required',
      '/status is not valid here',
      '/audiences is not valid here',
      '/claims/subject/0 is not valid here',
      '/claims/tenant is not valid here',
    ]);
  });

  it('requires claims under names that every object has, too', () => {
    const entry = { ...ENTRY, requiredClaims: JSON.parse('{"__proto__": {}, "constructor": "x"}') };
    expect(faultsOfShape(ENTRY_SHAPE, entry).map(({ path }) => path)).toEqual(['/requiredClaims/__proto__']);
  });
});
