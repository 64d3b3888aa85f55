import { withPart } from './parts.ts';
import { refusedWith, type TokenFamily } from './types.ts';

const malformed = refusedWith('token_malformed');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The same bytes, spelled with a spare bit set: 64 bytes of signature leave four. */
const setSpareBit = (text: string): string => text.slice(0, -1) + ALPHABET.charAt(ALPHABET.indexOf(text.slice(-1)) | 1);
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const addMember = (text: string, member: string): string => text.replace(/\}$/, `,${member}}`);

/** What needs no key to be refused. */
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
