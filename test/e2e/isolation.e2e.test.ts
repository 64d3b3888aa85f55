import { describe, expect, inject, it } from 'vitest';
import {
  type Answer,
  callGateway,
  codeOf,
  comparable,
  create,
  mint,
  someFile,
  uploadBytes,
} from '../support/gateway.ts';

const platform = inject('platform');
const ISSUERS = ['local', 'acme', 'globex', 'initech', 'umbrella'] as const;
const KIDS = new Map<string, string>();

const headerOf = (token: string): { kid: string; alg: string } =>
  JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));

describe('five issuers with five key sets', () => {
  const pairs = ISSUERS.flatMap((claimed) => ISSUERS.map((signer) => [claimed, signer] as const));

  it.each(pairs)('a token that says %s and is signed by %s', async (claimed, signer) => {
    for (const id of ISSUERS) if (!KIDS.has(id)) KIDS.set(id, headerOf(await mint(platform, {}, id)).kid);
    const iss = `https://issuer.nearput.test/${claimed}`;
    const token = await mint(platform, { iss, header: { kid: KIDS.get(claimed) } }, signer);
    const answer = await callGateway(platform, 'GET', '/v1/whoami', { token });
    if (claimed === signer) expect(answer.json).toMatchObject({ issuer: claimed });
    else expect(codeOf(answer)).toBe('token_untrusted');
  });
});

const OPERATIONS: [string, string, string, object | undefined][] = [
  ['renew', 'POST', '/renew', someFile().body],
  ['sign parts', 'POST', '/parts', { uploadId: 'u', numbers: [1] }],
  ['list parts', 'GET', '/parts?uploadId=u', undefined],
  ['finalize', 'POST', '/finalize', undefined],
  ['abort', 'POST', '/abort', undefined],
  ['get', 'GET', '', undefined],
  ['content', 'GET', '/content', undefined],
  ['delete', 'DELETE', '', undefined],
  ['restore', 'POST', '/restore', undefined],
];

describe('an upload of somebody else', () => {
  const strangers: [string, () => Promise<string>][] = [
    ['another subject', () => mint(platform, { sub: 'stranger' })],
    ['another tenant', () => mint(platform, { sub: 'owner', tenant: 't2' })],
    ['another issuer with the same subject', () => mint(platform, { sub: 'owner' }, 'acme')],
  ];

  it.each(OPERATIONS.flatMap((operation) => strangers.map((stranger) => [...operation, ...stranger] as const)))(
    'answers %s (%s %s) as an unknown one and is not touched',
    async (_, method, suffix, body, _who, tokenOf) => {
      const owner = await mint(platform, { sub: 'owner' });
      const token = await tokenOf();
      const { created } = await uploadBytes(platform, owner, someFile());
      const call = (id: string): Promise<Answer> =>
        callGateway(platform, method, `/v1/uploads/${id}${suffix}`, { token, ...(body === undefined ? {} : { body }) });
      const unknown = created.id.slice(0, -1) + (created.id.endsWith('a') ? 'q' : 'a');
      const foreign = await call(created.id);
      expect(codeOf(foreign)).toBe('upload_not_found');
      expect(comparable(foreign)).toEqual(comparable(await call(unknown)));
      expect(comparable(foreign)).toEqual(comparable(await call('nonsense')));
      const mine = await callGateway(platform, 'GET', `/v1/uploads/${created.id}`, { token: owner });
      expect(mine.json).toMatchObject({ state: 'UPLOADED' });
    },
  );

  it.each(OPERATIONS)('answers %s (%s %s) nobody without a token', async (_, method, suffix, body) => {
    const created = await create(platform, await mint(platform), someFile().body);
    const call = (id: string) =>
      callGateway(platform, method, `/v1/uploads/${id}${suffix}`, body === undefined ? {} : { body });
    const own = await call(created.id);
    expect(codeOf(own)).toBe('token_missing');
    expect(comparable(own)).toEqual(comparable(await call('nonsense')));
  });

  it("appears in no list but its owner's", async () => {
    const owner = await mint(platform, { sub: 'list-owner' });
    const { created } = await uploadBytes(platform, owner, someFile());
    const idsFor = async (token: string) => {
      const page = (await callGateway(platform, 'GET', '/v1/uploads', { token })).json as { items: { id: string }[] };
      return page.items.map(({ id }) => id);
    };
    expect(await idsFor(owner)).toEqual([created.id]);
    for (const [, tokenOf] of strangers) expect(await idsFor(await tokenOf())).not.toContain(created.id);
  });

  it('cannot be renewed into: the body of a stranger makes an upload of the stranger', async () => {
    const owner = await mint(platform, { sub: 'renew-owner' });
    const stranger = await mint(platform, { sub: 'renew-stranger' });
    const file = someFile();
    const headers = { 'idempotency-key': 'the-same-key-for-both' };
    const mine = await create(platform, owner, file.body, { headers });
    const theirs = await create(platform, stranger, file.body, { headers });
    expect(theirs.id).not.toBe(mine.id);
    expect(new URL(theirs.put?.url ?? '').pathname.split('/')[4]).not.toBe(
      new URL(mine.put?.url ?? '').pathname.split('/')[4],
    );
  });

  it('going around CloudFront gains nothing', async () => {
    const owner = await mint(platform, { sub: 'owner' });
    const { created } = await uploadBytes(platform, owner, someFile(), { viewer: 'dublin' });
    const direct = (region: string, token: string | null) =>
      callGateway({ edge: platform.regions[region]?.api ?? '' }, 'GET', `/v1/uploads/${created.id}`, { token });
    expect((await direct('euw1', owner)).json).toMatchObject({ id: created.id });
    expect(codeOf(await direct('euw1', null))).toBe('token_missing');
    expect(codeOf(await direct('euw1', await mint(platform, { sub: 'stranger' })))).toBe('upload_not_found');
    expect(codeOf(await direct('use1', owner))).toBe('wrong_region');
    expect(codeOf(await direct('use1', await mint(platform, { sub: 'stranger' })))).toBe('wrong_region');
  });
});
