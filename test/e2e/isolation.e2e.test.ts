import { describe, expect, inject, it } from 'vitest';
import { callGateway, codeOf, create, mint, someFile, uploadBytes } from '../support/gateway.ts';

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

describe('an upload of somebody else', () => {
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
