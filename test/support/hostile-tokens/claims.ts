import { refusedWith, type TokenFamily } from './types.ts';

const audience = refusedWith('audience_mismatch');
const invalid = refusedWith('claims_invalid');

/** For whom a token is. */
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

/** Who a token speaks for, and what for. */
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
