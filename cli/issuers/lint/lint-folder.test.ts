import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../../exit.ts';
import { goodEntry, publicKey } from '../testing/entries.ts';
import { lintFolder } from './lint-folder.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-lint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (file: string, content: unknown): void =>
  writeFileSync(
    join(folder, file),
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
const lint = () => lintFolder(folder, { allowLoopback: false });
const places = (): readonly string[] => lint().faults.map(({ file, path }) => `${file} ${path}`);
const ec = publicKey('ec', 'k1');

describe('a folder of issuers', () => {
  it('without faults gives its entries, by file name, and reads no folder in it', () => {
    write('b.json', goodEntry('globex'));
    write('a.json', goodEntry('acme'));
    write('README.md', 'not an entry');
    mkdirSync(join(folder, 'schema.json'));
    expect(lint()).toMatchObject({ files: 2, faults: [], entries: [{ id: 'acme' }, { id: 'globex' }] });
  });

  it('that is not there is the caller’s mistake', () => {
    expect(() => lintFolder(join(folder, 'none'), { allowLoopback: false })).toThrow(UsageError);
  });

  it('with 20 planted faults tells all 20 by file and path, each with a cure', () => {
    const { audiences: _, ...withoutAudiences } = goodEntry('one');
    write('one.json', { ...withoutAudiences, tokenTypes: ['at+jwt', 'Bearer'], clockSkewSeconds: 4_000 });
    write('two.json', {
      ...goodEntry('two'),
      algorithms: ['none'],
      claims: { subject: ['sub'], tenant: null },
      ownership: 'tenant',
      note: 7,
    });
    write(
      'three.json',
      goodEntry('three', { audiences: ['*'], claims: { subject: ['email'], tenant: ['user_metadata', 'org'] } }),
    );
    write('four.json', {
      ...goodEntry('two', { issuer: 'https://three.example' }),
      keys: { jwksUri: 'http://four.example/jwks' },
      colour: 'red',
    });
    write('five.json', {
      ...goodEntry('five'),
      algorithms: ['ES256'],
      keys: { jwks: { keys: [ec, { ...publicKey('ec', 'k2'), d: 'AA' }, { ...publicKey('ec', 'k3'), use: 'enc' }] } },
      limits: { ...goodEntry('five').limits, minBytes: 2, maxBytes: 1, regions: ['atl9'], urlTtlSeconds: 5 },
    });
    write('six.json', '{"id": "six",');
    const { faults } = lint();
    expect(faults.map(({ file, path }) => `${file} ${path}`)).toEqual(
      [
        'five.json /keys/jwks/keys/1/d',
        'five.json /keys/jwks/keys/2/use',
        'five.json /limits/maxBytes',
        'five.json /limits/regions/0',
        'five.json /limits/urlTtlSeconds',
        'four.json /colour',
        'four.json /keys/jwksUri',
        'one.json /audiences',
        'one.json /clockSkewSeconds',
        'one.json /clockSkewSeconds',
        'one.json /tokenTypes/1',
        'six.json ',
        'three.json /audiences/0',
        'three.json /claims/subject',
        'three.json /claims/tenant',
        'three.json /issuer',
        'two.json /algorithms/0',
        'two.json /note',
        'two.json /ownership',
        'two.json /id',
      ].sort((a, b) => (a < b ? -1 : 1)),
    );
    for (const { message } of faults) expect(message).toMatch(/^(?:is|must|has|differs|stands|takes)\b.{4,}/);
  });
});

describe('an entry', () => {
  it.each([
    ['no JSON', '{"id":', ''],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), ''],
    ['a byte order mark', '\uFEFF{}', ''],
    ['a member twice', JSON.stringify(goodEntry('acme')).replace('"note"', '').replace('{', '{"id":"acme",'), '/id'],
    [
      'a member twice, deep and spelled otherwise',
      JSON.stringify(goodEntry('acme')).replace('"minBytes":0', '"minBytes":0,"m\\u0069nBytes":1'),
      '/limits/minBytes',
    ],
    [
      'a tenant that users write',
      goodEntry('acme', { claims: { subject: ['sub'], tenant: ['user_metadata', 'org'] } }),
      '/claims/tenant',
    ],
    [
      'a tenant that users write, by an address',
      goodEntry('acme', { claims: { subject: ['sub'], tenant: ['https://acme.example/user_metadata', 'org'] } }),
      '/claims/tenant',
    ],
    [
      'a custom attribute as tenant',
      goodEntry('acme', { claims: { subject: ['sub'], tenant: ['custom:tenant'] } }),
      '/claims/tenant',
    ],
    [
      'an e-mail address as subject',
      goodEntry('acme', { claims: { subject: ['email'], tenant: null } }),
      '/claims/subject',
    ],
    [
      'a name of Entra ID as subject',
      goodEntry('acme', { claims: { subject: ['upn'], tenant: ['tid'] } }),
      '/claims/subject',
    ],
    [
      'permissions that users write',
      goodEntry('acme', { permissions: { claim: ['user_metadata', 'scope'] } }),
      '/permissions/claim',
    ],
    ['tokens without typ and nothing that tells them', goodEntry('acme', { tokenTypes: ['absent'] }), '/tokenTypes'],
    [
      'another audience claim and nothing that tells tokens',
      goodEntry('acme', { audienceClaim: ['client_id'] }),
      '/audienceClaim',
    ],
    ['a wildcard audience', goodEntry('acme', { audiences: ['*'] }), '/audiences/0'],
    [
      'a Region nobody has',
      goodEntry('acme', { limits: { ...goodEntry('acme').limits, regions: ['moon1'] } }),
      '/limits/regions/0',
    ],
    [
      'a skew as long as a token lives',
      goodEntry('acme', { maxTokenAgeSeconds: 30, clockSkewSeconds: 30 }),
      '/clockSkewSeconds',
    ],
    ['a required expiry', goodEntry('acme', { requiredClaims: { exp: 1 } }), '/requiredClaims/exp'],
    [
      'an algorithm without a key',
      goodEntry('acme', { algorithms: ['ES256', 'RS256'], keys: { jwks: { keys: [ec] } } }),
      '/algorithms/1',
    ],
    ['a template as issuer', goodEntry('acme', { issuer: 'https://login.example/{tenantid}/v2.0' }), '/issuer'],
    ['the issuer of every tenant', goodEntry('acme', { issuer: 'https://login.example/common/v2.0' }), '/issuer'],
    [
      'a key set on this machine',
      goodEntry('acme', { keys: { jwksUri: 'http://127.0.0.1:1/jwks.json' } }),
      '/keys/jwksUri',
    ],
    [
      'a short RSA key',
      goodEntry('acme', { keys: { jwks: { keys: [publicKey('rsa', 'k1', 1_024)] } } }),
      '/keys/jwks/keys/0/n',
    ],
  ])('with %s has one fault, and says where', (_, content, path) => {
    write('acme.json', content);
    expect(places()).toEqual([`acme.json ${path}`]);
  });

  it.each([
    [
      'no typ, told by another claim',
      goodEntry('acme', { tokenTypes: ['absent'], requiredClaims: { token_use: 'access' } }),
    ],
    [
      'the audience in another claim, told by another',
      goodEntry('acme', { audienceClaim: ['client_id'], requiredClaims: { token_use: 'access' } }),
    ],
    ['the audience in aud, said in words', goodEntry('acme', { audienceClaim: ['aud'] })],
    [
      'a tenant only administrators set',
      goodEntry('acme', { claims: { subject: ['sub'], tenant: ['app_metadata', 'org'] } }),
    ],
    ['every algorithm of its key', goodEntry('acme', { algorithms: ['ES256'], keys: { jwks: { keys: [ec] } } })],
  ])('may have %s', (_, entry) => {
    write('acme.json', entry);
    expect(places()).toEqual([]);
  });

  it('may be on this machine for the local platform', () => {
    write('acme.json', goodEntry('acme', { keys: { jwksUri: 'http://127.0.0.1:1/jwks.json' } }));
    expect(lintFolder(folder, { allowLoopback: true }).faults).toEqual([]);
  });

  it('tells its keys’ faults together with those of its form', () => {
    write('acme.json', {
      ...goodEntry('acme'),
      status: 'on',
      keys: { jwks: { keys: [{ ...ec, kid: '' }] } },
      algorithms: ['ES256'],
    });
    expect(places()).toEqual(['acme.json /keys/jwks/keys/0/kid', 'acme.json /status']);
  });
});

describe('two entries', () => {
  it.each([
    ['id', goodEntry('acme', { issuer: 'https://other.example/' }), '/id'],
    ['issuer', goodEntry('other', { issuer: 'https://acme.example/' }), '/issuer'],
    ['issuer but for a slash', goodEntry('other', { issuer: 'https://acme.example' }), '/issuer'],
    ['issuer but for case', goodEntry('other', { issuer: 'https://Acme.example/' }), '/issuer'],
  ])('with one %s are one too many', (_, other, path) => {
    write('acme.json', goodEntry('acme'));
    write('other.json', other);
    expect(places()).toEqual([`other.json ${path}`]);
  });

  it('with one key could sign for each other, whatever they call it', () => {
    const keys = (kid: string) => ({ algorithms: ['ES256' as const], keys: { jwks: { keys: [{ ...ec, kid }] } } });
    write('acme.json', goodEntry('acme', keys('k1')));
    write('other.json', goodEntry('other', keys('k9')));
    expect(places()).toEqual(['other.json /keys/jwks/keys/0']);
  });
});
