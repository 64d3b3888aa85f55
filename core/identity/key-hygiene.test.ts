import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ALGORITHMS } from '../contract/issuer-entry.ts';
import { acceptKeySet } from './fetched-keys.ts';
import { lintKeySet } from './key-hygiene.ts';
import { createTestIssuer } from './testing/issuers.ts';

const EC = createTestIssuer('ec', 'ES256').publicJwk;
const OTHER_EC = { ...createTestIssuer('other', 'ES256').publicJwk, kid: 'other' };
const ED = createTestIssuer('ed', 'EdDSA').publicJwk;
const { n, e } = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ format: 'jwk' });
const RSA = { kty: 'RSA', kid: 'rsa', n, e };

const rsaOf = (modulusLength: number, publicExponent = 65_537) => ({
  ...generateKeyPairSync('rsa', { modulusLength, publicExponent }).publicKey.export({ format: 'jwk' }),
  kid: 'rsa',
});
const modulus = (bytes: number, last = 1): string => {
  const value = Buffer.alloc(bytes, 0xff);
  value[bytes - 1] = last;
  return value.toString('base64url');
};
const hexPoint = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

const warningsOf = (...keys: unknown[]): string[] => lintKeySet(keys, ALGORITHMS).warnings.map(({ path }) => path);
const keptOf = (...keys: unknown[]): string[] => lintKeySet(keys, ALGORITHMS).keys.map(({ kid }) => kid);

describe('a key set', () => {
  it('keeps good keys of every type, with what each may verify', () => {
    const { keys, warnings } = lintKeySet([RSA, EC, ED], ALGORITHMS);
    expect(warnings).toEqual([]);
    expect(keys.map(({ kid, algorithms }) => [kid, algorithms])).toEqual([
      ['rsa', ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
      ['ec-1', ['ES256']],
      ['ed-1', ['EdDSA']],
    ]);
  });

  it('keeps public members only', () => {
    const { keys } = lintKeySet([{ ...RSA, x5c: ['MIIB'], x5t: 'aGVsbG8', note: 'x' }], ALGORITHMS);
    expect(Object.keys(keys[0]?.jwk ?? {}).sort()).toEqual(['e', 'kid', 'kty', 'n']);
  });

  it('narrows a key to the algorithms the issuer allows', () => {
    expect(lintKeySet([RSA], ['PS256', 'ES256']).keys[0]?.algorithms).toEqual(['PS256']);
  });

  it('takes a 4,096-bit key', () => {
    expect(keptOf(rsaOf(4_096))).toEqual(['rsa']);
  });

  it('takes the point with y = 3, which the list below spells without reducing it', () => {
    expect(keptOf({ ...ED, x: hexPoint(`03${'00'.repeat(31)}`) })).toEqual(['ed-1']);
  });

  it.each([
    ['no object', 'text', '/keys/0'],
    ['a list', [], '/keys/0'],
    ['no kid', { ...EC, kid: undefined }, '/keys/0/kid'],
    ['an empty kid', { ...EC, kid: '' }, '/keys/0/kid'],
    ['a kid with a line break', { ...EC, kid: 'a\nb' }, '/keys/0/kid'],
    ['a key for encryption', { ...EC, use: 'enc' }, '/keys/0/use'],
    ['a key for wrapping', { ...EC, key_ops: ['wrapKey'] }, '/keys/0/key_ops'],
    ['key_ops that also sign', { ...EC, key_ops: ['verify', 'sign'] }, '/keys/0/key_ops'],
    ['an operation twice', { ...EC, key_ops: ['verify', 'verify'] }, '/keys/0/key_ops'],
    ['key_ops as text', { ...EC, key_ops: 'verify' }, '/keys/0/key_ops'],
    ['an algorithm of another family', { ...EC, alg: 'RS256' }, '/keys/0/alg'],
    ['an algorithm of another curve', { ...EC, alg: 'ES384' }, '/keys/0/alg'],
    ['a symmetric algorithm', { ...RSA, alg: 'HS256' }, '/keys/0/alg'],
    ['a symmetric key', { kty: 'oct', kid: 'k', k: 'c2VjcmV0' }, '/keys/0/k'],
    ['an unknown type', { ...EC, kty: 'AKP' }, '/keys/0/kty'],
    ['a private EC key', { ...EC, d: 'AAAA' }, '/keys/0/d'],
    ['a prime of an RSA key', { ...RSA, p: 'AAAA' }, '/keys/0/p'],
    ['RSA of 1,024 bits', rsaOf(1_024), '/keys/0/n'],
    ['RSA of 2,047 bits', { ...RSA, n: `f${modulus(256).slice(1)}` }, '/keys/0/n'],
    ['RSA of 4,104 bits', { ...RSA, n: modulus(513) }, '/keys/0/n'],
    ['RSA of 32,768 bits', { ...RSA, n: modulus(4_096) }, '/keys/0/n'],
    ['an even modulus', { ...RSA, n: modulus(256, 0xfe) }, '/keys/0/n'],
    ['a modulus with a leading zero', { ...RSA, n: `AAAA${n}` }, '/keys/0/n'],
    ['a padded modulus', { ...RSA, n: `${n}==` }, '/keys/0/n'],
    ['no modulus', { ...RSA, n: undefined }, '/keys/0/n'],
    ['an exponent of 3', rsaOf(2_048, 3), '/keys/0/e'],
    ['an exponent of 1', { ...RSA, e: 'AQ' }, '/keys/0/e'],
    ['a huge exponent', { ...RSA, e: modulus(256) }, '/keys/0/e'],
    ['a curve we do not take', { ...EC, crv: 'secp256k1' }, '/keys/0/crv'],
    ['a coordinate too short', { ...EC, x: 'AAAA' }, '/keys/0/x'],
    ['a coordinate with a leading zero', { ...EC, y: Buffer.alloc(33).toString('base64url') }, '/keys/0/y'],
    ['a point off its curve', { ...EC, y: EC['x'] }, '/keys/0/x'],
    [
      'the point at infinity',
      { ...EC, x: modulus(32).replace(/./g, 'A'), y: modulus(32).replace(/./g, 'A') },
      '/keys/0/x',
    ],
    ['Ed448', { ...ED, crv: 'Ed448' }, '/keys/0/crv'],
    ['X25519', { ...ED, crv: 'X25519' }, '/keys/0/crv'],
    ['31 bytes of Ed25519', { ...ED, x: Buffer.alloc(31, 1).toString('base64url') }, '/keys/0/x'],
    ['the neutral point', { ...ED, x: hexPoint(`01${'00'.repeat(31)}`) }, '/keys/0/x'],
    ['a point of order 2', { ...ED, x: hexPoint(`ec${'ff'.repeat(30)}7f`) }, '/keys/0/x'],
    ['a point of order 4', { ...ED, x: hexPoint('00'.repeat(32)) }, '/keys/0/x'],
    [
      'a point of order 8',
      { ...ED, x: hexPoint('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') },
      '/keys/0/x',
    ],
    [
      'another point of order 8',
      { ...ED, x: hexPoint('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a') },
      '/keys/0/x',
    ],
    ['a point of order 4 that is not reduced', { ...ED, x: hexPoint(`ed${'ff'.repeat(30)}7f`) }, '/keys/0/x'],
    ['the neutral point, not reduced', { ...ED, x: hexPoint(`ee${'ff'.repeat(30)}7f`) }, '/keys/0/x'],
    ['a y that is not reduced', { ...ED, x: hexPoint(`f0${'ff'.repeat(30)}7f`) }, '/keys/0/x'],
    ['bytes that are no point', { ...ED, x: hexPoint(`02${'00'.repeat(31)}`) }, '/keys/0/x'],
  ])('leaves out %s and keeps the others', (_, key, path) => {
    expect(warningsOf(key, OTHER_EC)).toEqual([path]);
    expect(keptOf(key, OTHER_EC)).toEqual(['other']);
  });

  it('keeps none of two keys that share a kid', () => {
    expect(keptOf(EC, { ...OTHER_EC, kid: 'ec-1' }, ED)).toEqual(['ed-1']);
    expect(warningsOf(EC, { ...OTHER_EC, kid: 'ec-1' }, ED)).toEqual(['/keys/0/kid', '/keys/1/kid']);
  });

  it('keeps none of more than 16 keys', () => {
    const keys = Array.from({ length: 17 }, (_, index) => ({ ...EC, kid: `k${index}` }));
    expect(lintKeySet(keys, ALGORITHMS).keys).toEqual([]);
    expect(lintKeySet(keys.slice(1), ALGORITHMS).keys).toHaveLength(16);
  });
});

describe('a fetched key set', () => {
  const entry = { algorithms: ['ES256'] as const };
  const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

  it('is accepted with its usable keys and a warning for each other', () => {
    const accepted = acceptKeySet(bytes({ keys: [EC, { ...OTHER_EC, use: 'enc' }] }), entry);
    expect(accepted).toMatchObject({ ok: true, keys: [EC] });
    expect(accepted.ok && accepted.warnings.map(({ path }) => path)).toEqual(['/keys/1/use']);
  });

  it('is accepted with exactly 64 KiB', () => {
    const text = JSON.stringify({ keys: [EC] });
    expect(acceptKeySet(bytes(text.padEnd(65_536)), entry)).toMatchObject({ ok: true });
    expect(acceptKeySet(bytes(text.padEnd(65_537)), entry)).toMatchObject({ ok: false });
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<html></html>'],
    ['a list', [EC]],
    ['no keys', {}],
    ['keys that are no list', { keys: { 0: EC } }],
    ['an empty list', { keys: [] }],
    ['only keys of other algorithms', { keys: [ED] }],
    ['members twice', `{"keys":[],"keys":[${JSON.stringify(EC)}]}`],
  ])('is refused when it is %s', (_, body) => {
    expect(acceptKeySet(bytes(body), entry)).toMatchObject({ ok: false, fault: expect.any(String) });
  });

  it('is refused when it is no UTF-8', () => {
    const good = bytes({ keys: [EC] });
    expect(acceptKeySet(Buffer.concat([good.subarray(0, -1), Buffer.from([0xff, 0x7d])]), entry)).toMatchObject({
      ok: false,
    });
  });
});
