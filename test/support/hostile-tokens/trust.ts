import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { part, withPart } from './parts.ts';
import { type Jwk, refusedWith, type TokenFamily } from './types.ts';

const malformed = refusedWith('token_malformed');
const untrusted = refusedWith('token_untrusted');

/** HS256 keyed with the issuer's public key, as libraries that take the algorithm from the header would check it. */
const signWithPublicKey = (token: string, _: string, publicJwk: Jwk): string => {
  const header = JSON.parse(Buffer.from(part(token, 0), 'base64url').toString()) as Record<string, unknown>;
  const input = `${Buffer.from(JSON.stringify({ ...header, alg: 'HS256' })).toString('base64url')}.${part(token, 1)}`;
  const secret = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};

/** DER as X.509 spells ECDSA, where JOSE wants r and s side by side. */
const asDer = (raw: string): string => {
  const bytes = Buffer.from(raw, 'base64url');
  const integer = (value: Buffer): Buffer => Buffer.concat([Buffer.from([2, 33, 0]), value]);
  const body = Buffer.concat([integer(bytes.subarray(0, 32)), integer(bytes.subarray(32))]);
  return Buffer.concat([Buffer.from([48, body.length]), body]).toString('base64url');
};

/** What is not signed by the issuer's own key under its own algorithm. */
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
    ...['nobody-1', 'globex-1', '__proto__', 'constructor', 'KID', '../keys', "' OR 1=1 --"].map((kid) =>
      untrusted(`kid ${kid}`, 'kid_unknown', { header: { kid } }),
    ),
    untrusted('its kid and a letter', 'kid_unknown', { rawHeader: (good) => good.replace('-1"', '-1x"') }),
    untrusted('its kid and a space', 'kid_unknown', { rawHeader: (good) => good.replace('-1"', '-1 "') }),
    ...['https://evil.example/', 'https://globex.example', 'acme', '__proto__', 'constructor'].map((iss) =>
      untrusted(`issuer ${iss}`, 'issuer_unknown', { claims: { iss } }),
    ),
    untrusted('its issuer without the slash at the end', 'issuer_unknown', {
      rawClaims: (good) => good.replace('.example/"', '.example"'),
    }),
    untrusted('its issuer in capitals', 'issuer_unknown', {
      rawClaims: (good) => good.replace('.example/', '.EXAMPLE/'),
    }),
    untrusted('another configured issuer', 'alg_not_allowed', { claims: { iss: 'https://globex.example/' } }),
    malformed('no issuer', 'claims_iss_missing', { claims: { iss: undefined } }),
    malformed('issuer as a list', 'claims_iss_missing', { claims: { iss: ['https://globex.example/'] } }),
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
