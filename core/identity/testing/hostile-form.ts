import { createHmac, createPublicKey } from 'node:crypto';
import type { TokenCase, TokenFamily } from './change-token.ts';

const malformed = (name: string, reason: string, change: TokenCase['change']): TokenCase => ({
  name,
  change,
  code: 'token_malformed',
  reason,
});
const untrusted = (name: string, reason: string, change: TokenCase['change']): TokenCase => ({
  name,
  change,
  code: 'token_untrusted',
  reason,
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const part = (token: string, index: number): string => token.split('.')[index] ?? '';
const withPart = (token: string, index: number, change: (old: string) => string): string =>
  token
    .split('.')
    .map((old, at) => (at === index ? change(old) : old))
    .join('.');
/** The same bytes, spelled with a spare bit set: 64 bytes of signature leave four. */
const setSpareBit = (text: string): string => text.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(text.slice(-1)) | 1);
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const addMember = (text: string, member: string): string => text.replace(/\}$/, `,${member}}`);

export const FORM: TokenFamily = {
  family: 'form',
  twins: [
    { name: 'whitespace inside the JSON', change: { rawClaims: (good) => `\n ${good} ` } },
    { name: 'members nested as deep as may be', change: { rawClaims: (good) => addMember(good, `"a":${nested(7)}`) } },
    { name: 'the same name in two objects', change: { claims: { a: { sub: 1 }, b: { sub: 2 } } } },
    { name: 'a text that looks like a member', change: { claims: { a: '"sub":"x","sub":' } } },
    { name: 'names and texts beyond ASCII', change: { claims: { überprüft: '😀 ja' } } },
    { name: 'almost 7 KiB', change: { claims: { a: 'x'.repeat(4_800) } } },
  ],
  hostile: [
    malformed('nothing', 'not_three_parts', { mangle: () => '' }),
    malformed('two parts', 'not_three_parts', { mangle: (token) => token.slice(0, token.lastIndexOf('.')) }),
    malformed('four parts', 'not_three_parts', { mangle: (token) => `${token}.AA` }),
    malformed('five parts', 'not_three_parts', { mangle: (token) => `${token}.AA.AA` }),
    malformed('no header', 'header_not_base64url', { mangle: (token) => withPart(token, 0, () => '') }),
    malformed('no claims', 'claims_not_base64url', { mangle: (token) => withPart(token, 1, () => '') }),
    malformed('no signature', 'signature_not_base64url', { mangle: (token) => withPart(token, 2, () => '') }),
    malformed('padded signature', 'signature_not_base64url', { mangle: (token) => `${token}==` }),
    malformed('padded header', 'header_not_base64url', { mangle: (token) => withPart(token, 0, (old) => `${old}=`) }),
    malformed('a space before it', 'header_not_base64url', { mangle: (token) => ` ${token}` }),
    malformed('a line break after it', 'signature_not_base64url', { mangle: (token) => `${token}\n` }),
    malformed('a line break in the claims', 'claims_not_base64url', {
      mangle: (token) => withPart(token, 1, (old) => `${old.slice(0, 8)}\n${old.slice(8)}`),
    }),
    malformed('base64 instead of base64url', 'signature_not_base64url', {
      mangle: (token) => withPart(token, 2, (old) => `+/${old.slice(2)}`),
    }),
    malformed('a spare bit set', 'signature_not_base64url', { mangle: (token) => withPart(token, 2, setSpareBit) }),
    malformed('an impossible length', 'signature_not_base64url', { mangle: (token) => `${token}AAA` }),
    malformed('above 7 KiB', 'too_long', { claims: { a: 'x'.repeat(5_200) } }),
    malformed('a header that is no JSON', 'header_not_json', { rawHeader: (good) => good.slice(1) }),
    malformed('a header with a comma too many', 'header_not_json', { rawHeader: (good) => good.replace(/\}$/, ',}') }),
    malformed('a header in a list', 'header_not_an_object', { rawHeader: (good) => `[${good}]` }),
    malformed('a header of null', 'header_not_an_object', { rawHeader: () => 'null' }),
    malformed('a header of text', 'header_not_an_object', { rawHeader: (good) => JSON.stringify(good) }),
    malformed('claims that are no JSON', 'claims_not_json', { rawClaims: (good) => `${good}x` }),
    malformed('claims in a list', 'claims_not_an_object', { rawClaims: (good) => `[${good}]` }),
    malformed('a header with a byte order mark', 'header_not_json', { rawHeader: (good) => `\ufeff${good}` }),
    malformed('claims with a byte order mark', 'claims_not_json', { rawClaims: (good) => `\ufeff${good}` }),
    malformed('a byte that is no UTF-8', 'claims_not_utf8', {
      rawClaims: (good) => Buffer.from(good.replace('user', 'us\u00e9r'), 'latin1'),
    }),
    malformed('an overlong spelling of a quote', 'claims_not_utf8', {
      rawClaims: (good) => Buffer.from(good.replace('user', 'us\u00c0\u00a2r'), 'latin1'),
    }),
    malformed('a lone surrogate', 'claims_text_ill_formed', { rawClaims: (good) => good.replace('user', '\\ud800') }),
    malformed('a claim twice', 'claims_duplicate_member', { rawClaims: (good) => addMember(good, '"sub":"admin"') }),
    malformed('a claim twice, once escaped', 'claims_duplicate_member', {
      rawClaims: (good) => addMember(good, '"s\\u0075b":"admin"'),
    }),
    malformed('a claim twice, with space', 'claims_duplicate_member', {
      rawClaims: (good) => addMember(good, '"sub" \n : "admin"'),
    }),
    malformed('a nested claim twice', 'claims_duplicate_member', {
      rawClaims: (good) => good.replace('"id":"t1"', '"id":"t1","id":"t2"'),
    }),
    malformed('the algorithm twice', 'header_duplicate_member', {
      rawHeader: (good) => addMember(good, '"alg":"none"'),
    }),
    malformed('nested one too deep', 'claims_too_deep', { rawClaims: (good) => addMember(good, `"a":${nested(8)}`) }),
    malformed('nested a thousand deep', 'claims_too_deep', {
      rawClaims: (good) => addMember(good, `"a":${nested(1_000)}`),
    }),
    malformed('a deep header', 'header_too_deep', { rawHeader: (good) => addMember(good, `"a":${nested(3)}`) }),
    malformed('a thousand values', 'claims_too_many_members', {
      claims: { a: Array.from({ length: 1_000 }, () => 0) },
    }),
    malformed('a header of forty members', 'header_too_many_members', {
      header: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`m${index}`, index])),
    }),
  ],
};

const HEADER_REFUSALS: Readonly<Record<string, unknown>> = {
  jku: 'https://evil.example/jwks.json',
  x5u: 'https://evil.example/cert.pem',
  x5c: ['MIIB'],
  jwk: { kty: 'EC' },
  crit: ['exp'],
  zip: 'DEF',
  b64: false,
  enc: 'A256GCM',
  epk: {},
};

export const HEADER: TokenFamily = {
  family: 'header',
  twins: [
    { name: 'typ JWT', change: { header: { typ: 'JWT' } } },
    { name: 'typ in another case', change: { header: { typ: 'AT+JWT' } } },
    { name: 'typ as a full media type', change: { header: { typ: 'application/at+jwt' } } },
    { name: 'a certificate thumbprint', change: { header: { x5t: 'aGVsbG8' } } },
    {
      name: 'no typ where the entry says so',
      change: { header: { typ: undefined }, entry: { tokenTypes: ['absent'] } },
    },
  ],
  hostile: [
    ...Object.entries(HEADER_REFUSALS).map(([name, value]) =>
      malformed(`header ${name}`, `header_${name}_refused`, { header: { [name]: value } }),
    ),
    malformed('an empty crit', 'header_crit_refused', { header: { crit: [] } }),
    malformed('no alg', 'header_alg_missing', { header: { alg: undefined } }),
    malformed('alg as a number', 'header_alg_missing', { header: { alg: 256 } }),
    malformed('alg in a list', 'header_alg_missing', { header: { alg: ['ES256'] } }),
    malformed('no kid', 'header_kid_missing', { header: { kid: undefined } }),
    malformed('an empty kid', 'header_kid_missing', { header: { kid: '' } }),
    malformed('kid as a number', 'header_kid_missing', { header: { kid: 1 } }),
    malformed('kid with a line break', 'header_kid_missing', { header: { kid: 'acme-1\n' } }),
    malformed('kid of 256 characters', 'header_kid_missing', { header: { kid: 'k'.repeat(256) } }),
    malformed('typ as a number', 'header_typ_invalid', { header: { typ: 1 } }),
    {
      name: 'typ that spells absent where none is wanted',
      change: { header: { typ: 'absent' }, entry: { tokenTypes: ['absent'] } },
      code: 'token_type',
      reason: 'type_not_accepted',
    },
    ...[undefined, '', 'id+jwt', 'logout+jwt', 'absent', 'at+jwt ', 'application/application/at+jwt'].map(
      (typ): TokenCase => ({
        name: `typ ${JSON.stringify(typ)}`,
        change: { header: { typ } },
        code: 'token_type',
        reason: 'type_not_accepted',
      }),
    ),
  ],
};

/** HS256 keyed with the issuer's public key, as libraries that take the algorithm from the header would check it. */
const signWithPublicKey = (token: string): string => {
  const header = JSON.parse(Buffer.from(part(token, 0), 'base64url').toString()) as Record<string, unknown>;
  const input = `${Buffer.from(JSON.stringify({ ...header, alg: 'HS256' })).toString('base64url')}.${part(token, 1)}`;
  const secret = createPublicKey({
    key: {
      kty: 'EC',
      crv: 'P-256',
      x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
      y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
    },
    format: 'jwk',
  }).export({ type: 'spki', format: 'pem' });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};

/** DER as X.509 spells ECDSA, where JOSE wants r and s side by side. */
const asDer = (raw: string): string => {
  const bytes = Buffer.from(raw, 'base64url');
  const integer = (value: Buffer): Buffer => Buffer.concat([Buffer.from([2, 33, 0]), value]);
  const body = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return Buffer.concat([Buffer.from([48, body.length]), body]).toString('base64url');
};

export const TRUST: TokenFamily = {
  family: 'trust',
  twins: [{ name: 'nothing changed', change: {} }],
  hostile: [
    ...['none', 'None', 'HS256', 'RS256', 'PS256', 'ES384', 'EdDSA', 'es256', 'ES256 ', '', '__proto__'].map((alg) =>
      untrusted(`alg ${JSON.stringify(alg)}`, 'alg_not_allowed', { header: { alg } }),
    ),
    untrusted('alg HS256 keyed with the public key', 'alg_not_allowed', { mangle: signWithPublicKey }),
    untrusted('an algorithm the entry allows but the key does not do', 'alg_not_of_key', {
      header: { alg: 'ES384' },
      entry: { algorithms: ['ES256', 'ES384'] },
    }),
    ...['acme-2', 'globex-1', '__proto__', 'constructor', 'ACME-1', 'acme-1 '].map((kid) =>
      untrusted(`kid ${kid}`, 'kid_unknown', { header: { kid } }),
    ),
    ...['https://evil.example/', 'https://acme.example', 'https://ACME.example/', 'acme', '__proto__'].map((iss) =>
      untrusted(`issuer ${iss}`, 'issuer_unknown', { claims: { iss } }),
    ),
    untrusted('another configured issuer', 'alg_not_allowed', { claims: { iss: 'https://globex.example/' } }),
    malformed('no issuer', 'claims_iss_missing', { claims: { iss: undefined } }),
    malformed('issuer as a list', 'claims_iss_missing', { claims: { iss: ['https://acme.example/'] } }),
    untrusted('signed with the key of another issuer', 'signature_bad', { stolen: true }),
    untrusted('a bit of the signature turned', 'signature_bad', {
      mangle: (token) => withPart(token, 2, (old) => (old.startsWith('A') ? `B${old.slice(1)}` : `A${old.slice(1)}`)),
    }),
    untrusted('a signature of zeros', 'signature_bad', { mangle: (token) => withPart(token, 2, () => 'A'.repeat(86)) }),
    untrusted('a signature cut short', 'signature_bad', {
      mangle: (token) => withPart(token, 2, (old) => old.slice(0, 40)),
    }),
    untrusted('a signature with a byte more', 'signature_bad', {
      mangle: (token) =>
        withPart(token, 2, (old) => Buffer.concat([Buffer.from(old, 'base64url'), Buffer.of(0)]).toString('base64url')),
    }),
    untrusted('a signature in DER', 'signature_bad', { mangle: (token) => withPart(token, 2, asDer) }),
    untrusted('the claims of another good token', 'signature_bad', {
      mangle: (token, another) => withPart(token, 1, () => part(another, 1)),
    }),
    untrusted('the signature of another good token', 'signature_bad', {
      mangle: (token, another) => withPart(token, 2, () => part(another, 2)),
    }),
    untrusted('a claim changed after signing', 'signature_bad', {
      mangle: (token) =>
        withPart(token, 1, (old) =>
          Buffer.from(Buffer.from(old, 'base64url').toString().replace('"t1"', '"t2"')).toString('base64url'),
        ),
    }),
  ],
};
