import { type Change, type Jwk, refusedWith, type TokenFamily } from './types.ts';

const untrusted = refusedWith('token_untrusted');

/** A token whose key is in the set, and the set that must not serve it: no usable key has its kid. */
const set = (name: string, keys: NonNullable<Change['keys']>, more: Change = {}) =>
  untrusted(name, 'kid_unknown', { ...more, keys });
const changed = (name: string, change: Jwk, more: Change = {}) => set(name, (own) => [{ ...own, ...change }], more);

const flip = (text: unknown): string => {
  const bytes = Buffer.from(String(text), 'base64url');
  bytes.writeUInt8(bytes.readUInt8(9) ^ 1, 9);
  return bytes.toString('base64url');
};

/** The neutral point of Ed25519: with it as key, the neutral point and a zero sign every text. */
const NEUTRAL = Buffer.from(`01${'00'.repeat(31)}`, 'hex');
const NEUTRAL_SIGNATURE = Buffer.concat([NEUTRAL, Buffer.alloc(32)]).toString('base64url');

/** What an issuer may publish, by mistake or by intent. Each token is signed as its key set says; the set is what is wrong. */
export const KEY_SETS: TokenFamily = {
  family: 'key sets',
  twins: [
    { name: 'another key beside it', change: { keys: (own, other) => [other, own] } },
    {
      name: 'a weak key beside it',
      change: { keys: (own) => [{ kty: 'RSA', kid: 'weak', n: 'AQAB', e: 'AQAB' }, own] },
    },
    { name: 'what is no key beside it', change: { keys: (own) => [null, 'key', [], {}, own] } },
    { name: 'without use and alg', change: { keys: ({ use: _, alg: __, ...own }) => [own] } },
    { name: 'key_ops verify', change: { keys: (own) => [{ ...own, key_ops: ['verify'] }] } },
    { name: 'members nobody knows', change: { keys: (own) => [{ ...own, x5c: ['MIIB'], note: 'x', iat: 1 }] } },
    { name: 'sixteen keys', change: { keys: (own, other) => [own, ...times(15, other)] } },
    { name: 'RSA of 2,048 bits', change: { key: 'rsa2048' } },
    { name: 'Ed25519', change: { key: 'ed25519' } },
  ],
  hostile: [
    set('two keys of its kid, itself one of them', (own, other) => [own, { ...other, kid: own['kid'] }]),
    set('itself twice', (own) => [own, own]),
    untrusted('seventeen keys', 'issuer_unknown', { keys: (own, other) => [own, ...times(16, other)] }),
    changed('for encryption', { use: 'enc' }),
    changed('use in capitals', { use: 'SIG' }),
    changed('key_ops sign', { key_ops: ['sign'] }),
    changed('key_ops verify and more', { key_ops: ['verify', 'sign'] }),
    changed('key_ops as text', { key_ops: 'verify' }),
    changed('another algorithm', { alg: 'ES384' }),
    changed('an algorithm of another family', { alg: 'HS256' }),
    changed('its private half published', { d: 'AAAA' }),
    changed('no kid', { kid: undefined }),
    changed('kid as a number', { kid: 1 }),
    changed('another type', { kty: 'OKP' }),
    changed('an unknown curve', { crv: 'secp256k1' }),
    changed('a curve by a name every object has', { crv: 'constructor' }),
    set('a point beside its curve', (own) => [{ ...own, x: flip(own['x']) }]),
    set('a coordinate with padding', (own) => [{ ...own, x: `${String(own['x'])}=` }]),
    set('a coordinate with a byte more', (own) => [{ ...own, x: `AA${String(own['x'])}` }]),
    changed('a coordinate of nothing', { y: '' }),
    set('a secret under its kid', ({ kid }) => [{ kty: 'oct', kid, k: 'c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0' }]),
    set('RSA of 1,024 bits', (own) => [own], { key: 'rsa1024' }),
    set('RSA with the exponent 3', (own) => [own], { key: 'rsaExponent3' }),
    changed('RSA with a long spelling of its exponent', { e: 'AAEAAQ' }, { key: 'rsa2048' }),
    changed('RSA with an even modulus', { n: Buffer.alloc(256, 0xfe).toString('base64url') }, { key: 'rsa2048' }),
    set('RSA with a zero before its modulus', (own) => [{ ...own, n: zeroBefore(own['n']) }], { key: 'rsa2048' }),
    changed('RSA of 16,384 bits', { n: Buffer.alloc(2_048, 0xff).toString('base64url') }, { key: 'rsa2048' }),
    set('the neutral point, and the signature that fits it', (own) => [{ ...own, x: NEUTRAL.toString('base64url') }], {
      key: 'ed25519',
      mangle: (token) => `${token.slice(0, token.lastIndexOf('.'))}.${NEUTRAL_SIGNATURE}`,
    }),
    changed('a point that is none', { x: Buffer.alloc(32, 0xff).toString('base64url') }, { key: 'ed25519' }),
    untrusted('the key of somebody else under its kid', 'signature_bad', {
      keys: (own, other) => [{ ...other, kid: own['kid'] }],
    }),
    set('the key of somebody else alone', (_, other) => [other]),
  ],
};

function times(count: number, key: Jwk): readonly Jwk[] {
  return Array.from({ length: count }, (_, index) => ({ ...key, kid: `more-${index}` }));
}

function zeroBefore(n: unknown): string {
  return Buffer.concat([Buffer.of(0), Buffer.from(String(n), 'base64url')]).toString('base64url');
}
