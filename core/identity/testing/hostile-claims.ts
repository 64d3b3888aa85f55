import type { ProblemCode } from '../../contract/problems.ts';
import type { Revocations } from '../../contract/registry.ts';
import type { Change, TokenCase, TokenFamily } from './change-token.ts';
import { NOW, NOW_MS } from './issuers.ts';

const refused =
  (code: ProblemCode) =>
  (name: string, reason: string, change: Change): TokenCase => ({ name, change, code, reason });
const invalid = refused('claims_invalid');
const expired = refused('token_expired');
const early = refused('token_not_yet_valid');
const old = refused('token_too_old');
const audience = refused('audience_mismatch');
const revoked = refused('token_revoked');

/** The entry of these tests: 10 s of clock skew, tokens up to 3,600 s; the good token is 60 s old and lives 3,600 s. */
export const TIME: TokenFamily = {
  family: 'time',
  twins: [
    { name: 'the last millisecond within the skew', change: { laterMs: 3_550_000 - 1 } },
    { name: 'issued as far ahead as the skew', change: { claims: { iat: NOW + 10, exp: NOW + 3_610 } } },
    { name: 'not before as far ahead as the skew', change: { claims: { nbf: NOW + 10 } } },
    { name: 'not before long ago', change: { claims: { nbf: 0 } } },
    { name: 'fractions of seconds', change: { claims: { iat: NOW - 0.5, exp: NOW + 0.5 } } },
  ],
  hostile: [
    ...['exp', 'iat'].flatMap((name) => [
      invalid(`no ${name}`, `${name}_invalid`, { claims: { [name]: undefined } }),
      invalid(`${name} null`, `${name}_invalid`, { claims: { [name]: null } }),
      invalid(`${name} as text`, `${name}_invalid`, { claims: { [name]: String(NOW + 60) } }),
      invalid(`${name} negative`, `${name}_invalid`, { claims: { [name]: -1 } }),
      invalid(`${name} in a list`, `${name}_invalid`, { claims: { [name]: [NOW] } }),
      invalid(`${name} infinite`, `${name}_invalid`, {
        rawClaims: (good) => good.replace(new RegExp(`"${name}":\\d+`), `"${name}":1e999`),
      }),
    ]),
    invalid('exp beyond the year 9999', 'exp_invalid', { claims: { exp: 253_402_300_800 } }),
    invalid('nbf null', 'nbf_invalid', { claims: { nbf: null } }),
    invalid('nbf as text', 'nbf_invalid', { claims: { nbf: '0' } }),
    expired('expired, skew used up', 'expired', { laterMs: 3_550_000 }),
    expired('expired long ago', 'expired', { claims: { iat: NOW - 7_200, exp: NOW - 3_600 } }),
    expired('ended before it began, within the skew', 'ends_before_it_was_issued', {
      claims: { iat: NOW, exp: NOW - 5 },
    }),
    expired('ended as it began', 'ends_before_it_was_issued', { claims: { iat: NOW, exp: NOW } }),
    early('not before beyond the skew', 'before_nbf', { claims: { nbf: NOW + 11 } }),
    early('issued in the future', 'iat_in_future', { claims: { iat: NOW + 11 } }),
    old('a second too long a life', 'life_above_maximum', { claims: { exp: NOW + 3_541 } }),
    old('a life of years', 'life_above_maximum', { claims: { exp: NOW + 100_000_000 } }),
    old('issued in 1970', 'life_above_maximum', { claims: { iat: 0 } }),
  ],
};

export const AUDIENCE: TokenFamily = {
  family: 'audience',
  twins: [
    { name: 'ours among others', change: { claims: { aud: ['other', 'nearput'] } } },
    {
      name: 'another claim where the entry says so',
      change: { claims: { aud: undefined, client_id: 'nearput' }, entry: { audienceClaim: ['client_id'] } },
    },
  ],
  hostile: [
    audience('no audience', 'audience_missing', { claims: { aud: undefined } }),
    audience('audience null', 'audience_missing', { claims: { aud: null } }),
    audience('a list with a number', 'audience_missing', { claims: { aud: ['nearput', 1] } }),
    audience('an object', 'audience_missing', { claims: { aud: { nearput: true } } }),
    audience('an empty list', 'audience_not_ours', { claims: { aud: [] } }),
    audience('another audience', 'audience_not_ours', { claims: { aud: 'other' } }),
    audience('ours and more in one text', 'audience_not_ours', { claims: { aud: 'nearput other' } }),
    audience('ours in another case', 'audience_not_ours', { claims: { aud: 'Nearput' } }),
  ],
};

export const CLAIMS: TokenFamily = {
  family: 'claims',
  twins: [
    { name: 'a subject of 255 characters', change: { claims: { sub: 'x'.repeat(255) } } },
    { name: 'a subject beyond the basic plane', change: { claims: { sub: '😀' } } },
    { name: 'the other listed tenant', change: { claims: { org: { id: 't2' } } } },
    { name: 'no permissions at all', change: { claims: { scope: undefined } } },
    { name: 'permissions in a list', change: { claims: { scope: ['uploads:create'] } } },
    { name: 'no jti', change: { claims: { jti: undefined } } },
    { name: 'one of several values', change: { entry: { requiredClaims: { token_use: ['id', 'access'] } } } },
  ],
  hostile: [
    ...[undefined, '', null, 7, ['user'], 'us\u0000er', 'us\u009fer', 'x'.repeat(256)].map((sub) =>
      invalid(`sub ${JSON.stringify(sub)?.slice(0, 20)}`, 'sub_invalid', { claims: { sub } }),
    ),
    invalid('no claim where the subject should be', 'subject_invalid', {
      entry: { claims: { subject: ['email'], tenant: ['org', 'id'] } },
    }),
    ...[undefined, null, 't1', ['t1'], {}, { id: '' }, { id: 1 }, { id: null }, { id: ['t1'] }].map((org) =>
      invalid(`tenant in ${JSON.stringify(org)}`, 'tenant_invalid', { claims: { org } }),
    ),
    invalid('a tenant that every object has', 'tenant_invalid', {
      entry: { claims: { subject: ['sub'], tenant: ['constructor', 'name'] }, tenants: null },
    }),
    invalid('a tenant that is not listed', 'tenant_not_listed', { claims: { org: { id: 't3' } } }),
    invalid('a tenant in another case', 'tenant_not_listed', { claims: { org: { id: 'T1' } } }),
    invalid('no required claim', 'required_claim_differs', { claims: { token_use: undefined } }),
    invalid('another value of a required claim', 'required_claim_differs', { claims: { token_use: 'id' } }),
    invalid('a required claim in a list', 'required_claim_differs', { claims: { token_use: ['access'] } }),
    invalid('a required number as text', 'required_claim_differs', {
      claims: { token_use: '1' },
      entry: { requiredClaims: { token_use: 1 } },
    }),
    invalid('permissions as a number', 'permissions_invalid', { claims: { scope: 1 } }),
    invalid('permissions as an object', 'permissions_invalid', { claims: { scope: { 'uploads:create': true } } }),
    invalid('permissions with a number', 'permissions_invalid', { claims: { scope: ['uploads:create', 1] } }),
    ...[null, '', 1, ['token-1']].map((jti) =>
      invalid(`jti ${JSON.stringify(jti)}`, 'jti_invalid', { claims: { jti } }),
    ),
  ],
};

const because = { issuer: 'acme', at: '2026-11-20T00:00:00.000Z', reason: 'test' };
const revoke = (revocations: Partial<Revocations>): Change => ({ revocations: () => revocations });
const issuedAt = new Date(NOW_MS - 60_000).toISOString();
const justAfter = new Date(NOW_MS - 59_999).toISOString();

export const REVOCATION: TokenFamily = {
  family: 'revocation',
  twins: [
    { name: 'another issuer disabled', change: revoke({ disabled: [{ ...because, issuer: 'globex' }] }) },
    { name: 'another key revoked', change: revoke({ kids: [{ ...because, thumbprint: 'A'.repeat(43) }] }) },
    {
      name: 'the jti of another issuer',
      change: revoke({ tokens: [{ ...because, issuer: 'globex', jti: 'token-1' }] }),
    },
    {
      name: 'the subject of another issuer',
      change: revoke({ subjects: [{ ...because, issuer: 'globex', subject: 'user' }] }),
    },
    { name: 'everything before it was issued', change: revoke({ issuedBefore: [{ ...because, before: issuedAt }] }) },
  ],
  hostile: [
    revoked('the entry disabled', 'issuer_disabled', { entry: { status: 'disabled' } }),
    revoked('the issuer disabled by revocation', 'issuer_disabled', revoke({ disabled: [because] })),
    revoked('the key revoked by its thumbprint', 'key_revoked', {
      revocations: (thumbprint) => ({ kids: [{ ...because, thumbprint }] }),
    }),
    revoked('the key revoked under another issuer', 'key_revoked', {
      revocations: (thumbprint) => ({ kids: [{ ...because, issuer: 'globex', thumbprint }] }),
    }),
    revoked('the token revoked', 'jti_revoked', revoke({ tokens: [{ ...because, jti: 'token-1' }] })),
    revoked('the subject revoked', 'subject_revoked', revoke({ subjects: [{ ...because, subject: 'user' }] })),
    revoked(
      'issued a millisecond too early',
      'issued_before',
      revoke({ issuedBefore: [{ ...because, before: justAfter }] }),
    ),
    revoked('issued before the later of two moments', 'issued_before', {
      revocations: () => ({
        issuedBefore: [
          { ...because, before: justAfter },
          { ...because, before: '2020-01-01T00:00:00.000Z' },
        ],
      }),
    }),
  ],
};
