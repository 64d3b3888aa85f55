/** What somebody tries who has a good token of their own, or none: other places for a token, headers of ours, bent paths, made-up ids. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { type Answer, ask, callGateway, codeOf, create, mint, patiently, someFile } from '../support/gateway.ts';
import { INVENTED_GRANT, inventId } from '../support/invent-id.ts';

const platform = inject('platform');
const API = platform.regions['euw1']?.api ?? '';
const DOORS = [
  ['the gate', `${platform.edge}/v1/uploads?limit=1`],
  ['the API', `${API}/v1/uploads?limit=1`],
] as const;

let good: string;
let other: string;
beforeAll(async () => {
  good = await mint(platform, { sub: 'attacker' });
  other = await mint(platform, { sub: 'victim' });
});

type Headers = Readonly<Record<string, string | string[]>>;
const send = (url: string, headers: Headers, method = 'GET', body?: string): Promise<Answer> =>
  patiently(() => ask(url, { method, headers, ...(body === undefined ? {} : { body }) }));
const outcome = (answer: Answer): string => (answer.status === 200 ? 'in' : codeOf(answer));

describe.each(DOORS)('%s', (_, url) => {
  const ways: readonly (readonly [how: string, expected: string, headers: () => Headers])[] = [
    ['as it should', 'in', () => ({ authorization: `Bearer ${good}` })],
    ['with the scheme in capitals', 'in', () => ({ authorization: `BEARER ${good}` })],
    ['twice, the same', 'token_malformed', () => ({ authorization: [`Bearer ${good}`, `Bearer ${good}`] })],
    ['after a bad one', 'token_malformed', () => ({ authorization: ['Bearer e30.e30.e30', `Bearer ${good}`] })],
    ['with another, in one header', 'token_malformed', () => ({ authorization: `Bearer ${good}, Bearer ${other}` })],
    ['with parameters', 'token_malformed', () => ({ authorization: `Bearer ${good};sub=victim` })],
    ['in quotes', 'token_malformed', () => ({ authorization: `Bearer "${good}"` })],
    ['after a tab', 'token_malformed', () => ({ authorization: `Bearer\t${good}` })],
    ['without a scheme', 'token_malformed', () => ({ authorization: good })],
    [
      'as a password',
      'token_malformed',
      () => ({ authorization: `Basic ${Buffer.from(`user:${good}`).toString('base64')}` }),
    ],
    ['of DPoP', 'token_malformed', () => ({ authorization: `DPoP ${good}` })],
    ['in a cookie', 'token_missing', () => ({ cookie: `token=${good}; authorization=Bearer ${good}` })],
    [
      'in other headers',
      'token_missing',
      () => ({ 'x-authorization': `Bearer ${good}`, 'x-access-token': good, 'proxy-authorization': `Bearer ${good}` }),
    ],
    [
      'in headers of AWS',
      'token_missing',
      () => ({ 'x-amz-security-token': good, 'x-amzn-remapped-authorization': `Bearer ${good}` }),
    ],
  ];

  it.each(ways)('takes a token %s: %s', async (_how, expected, headers) => {
    expect(outcome(await send(url, headers()))).toBe(expected);
  });

  it('takes no token from query or body', async () => {
    expect(outcome(await send(`${url}&access_token=${good}`, {}))).toBe('token_missing');
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(outcome(await send(url, form, 'POST', `access_token=${good}`))).toMatch(
      /^(?:token_missing|method_not_allowed|route_not_found)$/,
    );
  });

  it('believes no header that says who calls', async () => {
    const claims = JSON.stringify({ sub: 'victim', tenant: 't1', issuerId: 'local' });
    const forged = {
      'x-nearput-principal': claims,
      'x-nearput-owner': 'victim',
      'x-forwarded-user': 'victim',
      'x-amzn-oidc-data': other,
      'x-apigateway-event': claims,
    };
    expect(outcome(await send(url, forged))).toBe('token_missing');
    const { json } = await send(url, { ...forged, authorization: `Bearer ${good}` });
    expect((json as { items: { subject: string }[] }).items.map(({ subject }) => subject)).not.toContain('victim');
  });

  it.each(['0', '-1', '1e9', 'NaN', '99999', '', '١٠'])('is not confused by a budget of "%s"', async (budget) => {
    const startedAt = performance.now();
    const answer = await send(url, {
      authorization: `Bearer ${good}`,
      'x-nearput-budget-ms': Buffer.from(budget).toString('latin1'),
    });
    expect(['in', 'upstream_unavailable', 'registry_unavailable']).toContain(outcome(answer));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

describe('the configuration of the gate', () => {
  it('is never what a caller sends', async () => {
    const hits: string[] = [];
    const server = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const evil = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const region = {
      name: 'eu-west-1',
      bucket: 'b',
      registryBucket: 'b',
      queueUrl: `${evil}/q`,
      refreshQueueUrl: `${evil}/q`,
    };
    const config = {
      v: 1,
      env: 'local',
      defaultRegion: 'euw1',
      regions: { euw1: { ...region, apiHost: '127.0.0.1', apiPath: '/live', lat: 0, lon: 0, s3: evil, sqs: evil } },
      corsOrigins: ['https://evil.example'],
      urlExpiry: 3_600,
    };
    const text = Buffer.from(JSON.stringify(config)).toString('base64url');
    const names = ['x-nearput-config-1', 'X-Nearput-Config-1', 'x-nearput-config-2'];
    for (const name of names) {
      const headers = { authorization: `Bearer ${good}`, origin: 'https://evil.example', [name]: text };
      const answer = await send(`${platform.edge}/v1/whoami`, headers);
      expect(answer.json).toMatchObject({ issuer: 'local', regions: ['euw1', 'use1', 'apse2'] });
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
    }
    server.close();
    expect(hits).toEqual([]);
  });
});

describe('an id', () => {
  const idsOf = async () => {
    const [mine, theirs] = [
      await create(platform, good, someFile().body),
      await create(platform, other, someFile().body),
    ];
    return { mine, theirs };
  };

  it('that is reached by a bent path is not found', async () => {
    const { mine, theirs } = await idsOf();
    const paths = [
      `/v1/uploads/${mine.id}/../${theirs.id}`,
      `/v1/uploads/${mine.id}/..%2f${theirs.id}`,
      `/v1/uploads/${mine.id}%2f..%2f${theirs.id}`,
      `/v1/uploads/./${theirs.id}`,
      `/v1//uploads/${theirs.id}`,
      `//v1/uploads/${theirs.id}`,
      `/v1/uploads/${theirs.id}/`,
      `/v1/uploads/${theirs.id};x=1`,
      `/v1/uploads/${theirs.id}%00`,
      `/v1/uploads/${theirs.id}%20`,
      `/v1/uploads/${theirs.id.toUpperCase()}`,
      `/v1/uploads/%65${theirs.id.slice(1)}`,
      `/v1/uploads/${mine.id},${theirs.id}`,
      `/v1/uploads/${theirs.id}?id=${mine.id}`,
      `/v1/uploads/${theirs.id}#${mine.id}`,
    ];
    for (const base of [platform.edge, API]) {
      for (const path of paths) {
        const stage = new URL(base).pathname.replace(/\/$/, '');
        const headers = { authorization: `Bearer ${good}` };
        const answer = await patiently(() => ask(base, { path: `${stage}${path}`, headers }));
        expect([400, 403, 404], `${path} at ${base}`).toContain(answer.status);
        expect(answer.text, path).not.toContain('victim');
      }
    }
  });

  it('of a stranger is not deleted by pretending another method or path', async () => {
    const { theirs } = await idsOf();
    const path = `/v1/uploads/${theirs.id}`;
    for (const headers of [
      { 'x-http-method-override': 'DELETE' },
      { 'x-method-override': 'DELETE' },
      { 'x-original-url': path, 'x-rewrite-url': path },
      { 'x-forwarded-prefix': path, 'x-forwarded-host': 'api.invalid' },
    ]) {
      for (const base of [platform.edge, API]) {
        await send(`${base}/v1/uploads?limit=1`, { authorization: `Bearer ${good}`, ...headers });
        await send(`${base}${path}`, { authorization: `Bearer ${good}`, ...headers });
      }
    }
    const { json } = await callGateway(platform, 'GET', path, { token: other });
    expect(json).toMatchObject({ id: theirs.id, state: 'CREATED' });
  });

  it('minted at home for a stranger is nobody’s, and for oneself is worth what policy grants', async () => {
    const { mine, theirs } = await idsOf();
    const ownerOf = ({ put }: typeof mine): string => new URL(put?.url ?? '').pathname.split('/')[4] ?? '';
    const forged = (ownerKey: string, region = 'euw1'): string => inventId(ownerKey, region);
    const get = (id: string): Promise<Answer> => callGateway(platform, 'GET', `/v1/uploads/${id}`, { token: good });
    expect(ownerOf(theirs)).not.toBe(ownerOf(mine));
    expect(codeOf(await get(forged(ownerOf(theirs))))).toBe('upload_not_found');
    expect(codeOf(await get(forged(ownerOf(mine), 'euc1')))).toBe('upload_not_found');
    const answer = await get(forged(ownerOf(mine)));
    expect(answer.json).toMatchObject({ state: 'CREATED', subject: 'attacker', name: null, versionId: null });
    const renew = await callGateway(platform, 'POST', `/v1/uploads/${forged(ownerOf(mine))}/renew`, {
      token: await mint(platform, { sub: 'attacker', scope: 'uploads:read' }),
      body: { name: INVENTED_GRANT.name, size: INVENTED_GRANT.size, type: INVENTED_GRANT.type },
    });
    expect(codeOf(renew)).toBe('permission_missing');
  });
});
