import { describe, expect, it } from 'vitest';
import { parseIssuerEntry } from './issuer-entry.ts';

const GOOD = {
  id: 'acme',
  issuer: 'https://acme.example/',
  status: 'active',
  audiences: ['nearput'],
  algorithms: ['RS256'],
  tokenTypes: ['at+jwt', 'JWT'],
  keys: { jwksUri: 'https://acme.example/.well-known/jwks.json' },
  claims: { subject: ['sub'], tenant: ['org_id'] },
  ownership: 'subject',
  requiredClaims: {},
  tenants: null,
  permissions: { claim: ['scope'] },
  maxTokenAgeSeconds: 86_400,
  clockSkewSeconds: 10,
  limits: {
    minBytes: 0,
    maxBytes: 5_368_709_120,
    types: ['image/*', 'application/pdf'],
    urlTtlSeconds: 900,
    regions: ['euw1'],
  },
};

const faultsOf = (value: unknown): readonly string[] => {
  const parsed = parseIssuerEntry(value);
  return parsed.ok ? [] : parsed.faults.map(({ path, message }) => `${path} ${message}`);
};
const pathsOf = (value: unknown): readonly string[] => faultsOf(value).map((fault) => fault.split(' ')[0] ?? '');
const withKeys = (keys: unknown) => ({ ...GOOD, keys });
const withLimits = (limits: Record<string, unknown>) => ({ ...GOOD, limits: { ...GOOD.limits, ...limits } });

describe('an issuer entry', () => {
  it('is taken as a security team writes it', () => {
    expect(parseIssuerEntry(GOOD)).toEqual({ ok: true, entry: GOOD });
  });

  it.each([
    ['inline keys', withKeys({ jwks: { keys: [{ kty: 'EC' }] } })],
    ['a loopback key set', withKeys({ jwksUri: 'http://127.0.0.1:8080/acme/jwks.json' })],
    ['no tenant claim', { ...GOOD, claims: { subject: ['sub'], tenant: null } }],
    ['nested claims', { ...GOOD, claims: { subject: ['user', 'id'], tenant: ['https://acme.example/org'] } }],
    ['required claims', { ...GOOD, requiredClaims: { token_use: 'access', level: [1, 2], mfa: true } }],
    ['listed tenants', { ...GOOD, tenants: ['t1'] }],
    ['the optional members', { ...GOOD, audienceClaim: ['client_id'], keyLifeSeconds: 3_600, note: 'Cognito' }],
    ['every kind of type pattern', withLimits({ types: ['*/*', 'image/*', 'image/svg+xml'] })],
    ['an issuer that is no address', { ...GOOD, issuer: 'accounts.example.com' }],
  ])('may have %s', (_, entry) => {
    expect(faultsOf(entry)).toEqual([]);
  });

  it.each(Object.keys(GOOD).map((name) => [name]))('needs %s and says what to write', (name) => {
    const { [name as keyof typeof GOOD]: _, ...rest } = GOOD;
    expect(faultsOf(rest)).toEqual([expect.stringMatching(new RegExp(`^/${name} is required: write .{8,}`))]);
  });

  it.each(['minBytes', 'maxBytes', 'types', 'urlTtlSeconds', 'regions'])('needs limits.%s', (name) => {
    const { [name as keyof typeof GOOD.limits]: _, ...limits } = GOOD.limits;
    expect(faultsOf({ ...GOOD, limits })).toEqual([
      expect.stringMatching(new RegExp(`^/limits/${name} is required: write`)),
    ]);
  });

  it.each([
    ['an unknown member', { ...GOOD, audience: ['nearput'] }, '/audience'],
    ['an unknown limit', withLimits({ maxSize: 1 }), '/limits/maxSize'],
    ['an id with a slash', { ...GOOD, id: 'a/b' }, '/id'],
    ['an id of 33 characters', { ...GOOD, id: 'a'.repeat(33) }, '/id'],
    ['an id in upper case', { ...GOOD, id: 'Acme' }, '/id'],
    ['an empty issuer', { ...GOOD, issuer: '' }, '/issuer'],
    ['an issuer with a line break', { ...GOOD, issuer: 'https://acme.example/\n' }, '/issuer'],
    ['another status', { ...GOOD, status: 'on' }, '/status'],
    ['no audience', { ...GOOD, audiences: [] }, '/audiences'],
    ['an audience twice', { ...GOOD, audiences: ['a', 'a'] }, '/audiences'],
    ['algorithm none', { ...GOOD, algorithms: ['none'] }, '/algorithms/0'],
    ['algorithm HS256', { ...GOOD, algorithms: ['RS256', 'HS256'] }, '/algorithms/1'],
    ['no algorithm', { ...GOOD, algorithms: [] }, '/algorithms'],
    ['an unknown token type', { ...GOOD, tokenTypes: ['id+jwt'] }, '/tokenTypes/0'],
    ['no keys', withKeys({}), '/keys'],
    ['both kinds of keys', withKeys({ jwksUri: GOOD.keys.jwksUri, jwks: { keys: [{}] } }), '/keys'],
    ['an empty inline set', withKeys({ jwks: { keys: [] } }), '/keys/jwks/keys'],
    ['an inline set of 17', withKeys({ jwks: { keys: Array.from({ length: 17 }, () => ({})) } }), '/keys/jwks/keys'],
    ['an empty claim path', { ...GOOD, claims: { subject: [], tenant: null } }, '/claims/subject'],
    ['a claim path as text', { ...GOOD, claims: { subject: 'sub', tenant: null } }, '/claims/subject'],
    [
      'ownership by tenant without a tenant',
      { ...GOOD, ownership: 'tenant', claims: { subject: ['sub'], tenant: null } },
      '/ownership',
    ],
    [
      'tenants without a tenant claim',
      { ...GOOD, tenants: ['t1'], claims: { subject: ['sub'], tenant: null } },
      '/tenants',
    ],
    ['an empty list of tenants', { ...GOOD, tenants: [] }, '/tenants'],
    ['a required claim of null', { ...GOOD, requiredClaims: { a: null } }, '/requiredClaims/a'],
    ['a token age of text', { ...GOOD, maxTokenAgeSeconds: '3600' }, '/maxTokenAgeSeconds'],
    ['a token age of 0', { ...GOOD, maxTokenAgeSeconds: 0 }, '/maxTokenAgeSeconds'],
    ['a skew of an hour', { ...GOOD, clockSkewSeconds: 3_600 }, '/clockSkewSeconds'],
    ['a negative size', withLimits({ minBytes: -1 }), '/limits/minBytes'],
    ['a size beyond S3', withLimits({ maxBytes: 53_687_091_200_001 }), '/limits/maxBytes'],
    ['limits that leave nothing', withLimits({ minBytes: 2, maxBytes: 1 }), '/limits/maxBytes'],
    ['a type in upper case', withLimits({ types: ['Image/*'] }), '/limits/types/0'],
    ['a type with parameters', withLimits({ types: ['text/plain; charset=utf-8'] }), '/limits/types/0'],
    ['half a wildcard', withLimits({ types: ['*/png'] }), '/limits/types/0'],
    ['a URL life below S3’s use', withLimits({ urlTtlSeconds: 59 }), '/limits/urlTtlSeconds'],
    ['a Region by its AWS name', withLimits({ regions: ['eu-west-1'] }), '/limits/regions/0'],
    ['no Region', withLimits({ regions: [] }), '/limits/regions'],
  ])('has one fault with %s, and says where', (_, entry, path) => {
    expect(pathsOf(entry)).toEqual([path]);
  });

  it.each([
    'http://acme.example/jwks.json',
    'https://acme.example:8443/jwks.json',
    'https://user:secret@acme.example/jwks.json',
    'https://acme.example/jwks.json#keys',
    'https://acme.example/jwks.json#',
    'https://localhost/jwks.json',
    'https://10.0.0.1/jwks.json',
    'https://[::1]/jwks.json',
    'https://2130706433/jwks.json',
    'https://0x7f.1/jwks.json',
    'http://127.0.0.1/jwks.json',
    'http://localhost:8080/jwks.json',
    'http://127.0.0.1:8080@evil.example/jwks.json',
    'ftp://acme.example/jwks.json',
    'file:///etc/passwd',
    'acme.example/jwks.json',
    '',
  ])('refuses the key-set address %s', (jwksUri) => {
    expect(pathsOf(withKeys({ jwksUri }))).toEqual(['/keys/jwksUri']);
  });

  it('tells every fault at once', () => {
    const { audiences: _, ...rest } = GOOD;
    const entry = {
      ...rest,
      id: 'A',
      extra: 1,
      ownership: 'tenant',
      claims: { subject: ['sub'], tenant: null },
      limits: { ...GOOD.limits, minBytes: 9, maxBytes: 1, types: ['x'] },
    };
    expect([...pathsOf(entry)].sort()).toEqual(
      ['/audiences', '/extra', '/id', '/limits/maxBytes', '/limits/types/0', '/ownership'].sort(),
    );
  });

  it.each([[null], ['text'], [7], [[]], [undefined]])('refuses %j and never throws', (value) => {
    expect(parseIssuerEntry(value)).toMatchObject({ ok: false });
  });
});
