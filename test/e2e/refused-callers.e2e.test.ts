import { describe, expect, inject, it } from 'vitest';
import { type Answer, callGateway, codeOf, mint } from '../support/gateway.ts';
import { describeOffences, good, type Offence } from '../support/offence.ts';
import { signOwn } from '../support/own-issuer.ts';

const platform = inject('platform');
const narrow = inject('narrow');
const limited = inject('limited');
const PNG = { name: 'a.png', size: 100, type: 'image/png' };

const narrowCreate = async (change: object): Promise<Answer> =>
  callGateway(platform, 'POST', '/v1/uploads', { token: await signOwn(narrow), body: { ...PNG, ...change } });
const whoami = (token: string): Promise<Answer> => callGateway(platform, 'GET', '/v1/whoami', { token });
const claims = async (change: object, header: object = {}): Promise<Answer> =>
  whoami(await signOwn(narrow, change, header));
const now = (): number => Math.floor(Date.now() / 1_000);

const OFFENCES: readonly Offence[] = [
  ['token_missing', 'no token', /Authorization/i, () => callGateway(platform, 'GET', '/v1/whoami')],
  [
    'token_malformed',
    'another scheme',
    /Bearer/,
    () => callGateway(platform, 'GET', '/v1/whoami', { headers: { authorization: 'Basic YTpi' } }),
  ],
  ['token_malformed', 'something that is no token', /./, () => whoami('abc')],
  ['token_untrusted', 'an unknown issuer', /./, () => claims({ iss: 'https://unknown.example/' })],
  ['token_untrusted', 'an unknown key', /./, () => claims({}, { kid: 'unknown' })],
  ['token_type', 'another type', /type|typ/, () => claims({}, { typ: 'id+jwt' })],
  ['token_expired', 'an end in the past', /fresh token/, () => claims({ iat: now() - 7_200, exp: now() - 3_600 })],
  ['token_not_yet_valid', 'a beginning in the future', /becomes valid/, () => claims({ nbf: now() + 600 })],
  ['token_too_old', "a life beyond the issuer's", /./, () => claims({ exp: now() + 200_000 })],
  ['audience_mismatch', 'another audience', /audience/, () => claims({ aud: 'elsewhere' })],
  ['claims_invalid', 'no tenant', /claim/, () => claims({ tenant: undefined })],
  [
    'permission_missing',
    'no permission to create',
    /uploads:create/,
    async () =>
      callGateway(platform, 'POST', '/v1/uploads', {
        token: await mint(platform, { scope: 'uploads:read' }),
        body: good,
      }),
  ],
  [
    'permission_missing',
    'no permission to read',
    /uploads:read/,
    async () =>
      callGateway(platform, 'GET', '/v1/uploads', { token: await mint(platform, { scope: 'uploads:create' }) }),
  ],
  ['size_not_allowed', "a size above the issuer's", /1000|1,000/, () => narrowCreate({ size: 1_001 })],
  ['size_not_allowed', "a size below the issuer's", /10/, () => narrowCreate({ size: 9 })],
  ['type_not_allowed', 'a type the issuer may not use', /image\/png/, () => narrowCreate({ type: 'text/html' })],
  [
    'region_not_allowed',
    'avoiding the only Region',
    /avoidRegions/,
    async () =>
      callGateway(platform, 'POST', '/v1/uploads', {
        token: await signOwn(limited),
        body: { ...good, avoidRegions: ['use1'] },
      }),
  ],
];

describeOffences('a caller', OFFENCES);

describe('a token', () => {
  it('in two Authorization headers is token_malformed', async () => {
    const token = await mint(platform);
    const answer = await callGateway(platform, 'GET', '/v1/whoami', {
      headers: { authorization: [`Bearer ${token}`, `Bearer ${token}`] },
    });
    expect(codeOf(answer)).toBe('token_malformed');
  });

  it('that is unproven is told nothing but that it is not trusted', async () => {
    const answers = [
      await claims({ iss: 'https://unknown.example/' }),
      await claims({}, { kid: 'unknown' }),
      await whoami(await signOwn({ ...narrow, privateJwk: limited.privateJwk })),
    ];
    for (const answer of answers) {
      expect({ ...(answer.json as object), requestId: '' }).toEqual({ ...(answers[0]?.json as object), requestId: '' });
    }
  });
});
