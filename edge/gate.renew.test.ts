import { describe, expect, it } from 'vitest';
import { grantDigest } from '../core/contract/grant.ts';
import { formatId, parseId } from '../core/contract/ids.ts';
import { createTestIssuer, type TestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, type World } from './testing/world.ts';

type Granted = { id: string; region: string; put: { url: string } };

const created = async (world: World, body: unknown = GOOD_BODY): Promise<Granted> =>
  jsonOf(await world.ask({ ...CREATE, body })) as unknown as Granted;

const renew = (world: World, id: string, body: unknown = GOOD_BODY, headers = {}) =>
  world.ask({ method: 'POST', uri: `/v1/uploads/${id}/renew`, body, headers });

const sha256 = 'a'.repeat(64);

describe('renew', () => {
  it('gives a fresh URL for the same id and key', async () => {
    const world = createWorld();
    const first = await created(world);
    world.advance(600_000);
    const answer = await renew(world, first.id);
    expect(answer.status).toBe(200);
    const second = jsonOf(answer) as unknown as Granted;
    expect(second).toMatchObject({
      id: first.id,
      kind: 'put',
      state: 'CREATED',
      region: 'euw1',
      createdAt: '2026-11-21T12:10:00.000Z',
      expiresAt: '2026-11-28T12:10:00.000Z',
    });
    expect(new URL(second.put.url).pathname).toBe(new URL(first.put.url).pathname);
    expect(new URL(second.put.url).searchParams.get('X-Amz-Date')).toBe('20261121T121000Z');
  });

  it('takes the same body written differently', async () => {
    const world = createWorld();
    const { id } = await created(world);
    const body = {
      type: 'image/jpeg',
      method: 'put',
      partChecksum: 'none',
      metadata: {},
      size: 1_234,
      name: 'photo.jpg',
    };
    expect((await renew(world, id, body)).status).toBe(200);
  });

  it('does not ask where its object should be', async () => {
    const world = createWorld();
    const { id } = await created(world);
    const answer = await renew(world, id, { ...GOOD_BODY, preferRegion: 'apse2', avoidRegions: ['euw1'] });
    expect(jsonOf(answer)).toMatchObject({ id, region: 'euw1' });
  });

  it('goes on in a Region that is drained', async () => {
    const issuers: TestIssuer[] = [];
    const world = createWorld({ issuers: (now) => [issuers[0] ?? createTestIssuer('acme', now)] });
    issuers.push(world.first);
    const { id } = await created(world);
    const drained = createWorld({ drain: ['euw1'], issuers: () => issuers });
    expect((await renew(drained, id)).status).toBe(200);
  });

  it.each([
    ['name', { name: 'other.jpg' }],
    ['size', { size: 1_235 }],
    ['type', { type: 'image/png' }],
    ['sha256', { sha256 }],
    ['metadata', { metadata: { a: 'b' } }],
    ['method', { method: 'form' }],
    ['partSize', { partSize: 8_388_608 }],
    ['partChecksum', { partChecksum: 'sha256' }],
  ])('with another %s is 409 grant_mismatch', async (member, change) => {
    const world = createWorld();
    const { id } = await created(world);
    const answer = await renew(world, id, { ...GOOD_BODY, ...change });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([409, 'grant_mismatch']);
    expect(jsonOf(answer)['detail']).toContain(member);
    expect(answer.body).not.toContain('X-Amz');
  });

  it('without the sha256 it was created with is 409', async () => {
    const world = createWorld();
    const { id } = await created(world, { ...GOOD_BODY, sha256 });
    expect((await renew(world, id)).status).toBe(409);
    expect((await renew(world, id, { ...GOOD_BODY, sha256 })).status).toBe(200);
  });

  it("is judged by today's limits", async () => {
    const world = createWorld();
    const { id } = await created(world);
    const { limits } = world.first.entry;
    const issuer = { ...world.first, entry: { ...world.first.entry, limits: { ...limits, maxBytes: 1_000 } } };
    const answer = await renew(createWorld({ issuers: () => [issuer] }), id);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([403, 'size_not_allowed']);
  });

  it('in a Region its issuer may no longer use is 403', async () => {
    const world = createWorld();
    const { id } = await created(world);
    const { limits } = world.first.entry;
    const issuer = { ...world.first, entry: { ...world.first.entry, limits: { ...limits, regions: ['use1'] } } };
    const answer = await renew(createWorld({ issuers: () => [issuer] }), id);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([403, 'region_not_allowed']);
  });

  it('needs uploads:create', async () => {
    const world = createWorld();
    const { id } = await created(world);
    const authorization = `Bearer ${world.first.token({ scope: 'uploads:read uploads:delete' })}`;
    const answer = await renew(world, id, GOOD_BODY, { authorization });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([403, 'permission_missing']);
  });

  it('of a document is 400: its bytes are in its request', async () => {
    const world = createWorld();
    const first = await created(world);
    const ownerKey = new URL(first.put.url).pathname.split('/')[3] ?? '';
    const content = { checksumMode: 'none', partSize: 0, sha256: null, metadata: {}, ...GOOD_BODY } as const;
    const grant = { kind: 'document', ...content } as const;
    const id = formatId({
      ...grant,
      region: 'euw1',
      ownerKey,
      nonce: Buffer.alloc(16),
      grantDigest: grantDigest(grant),
    });
    const answer = await renew(world, id);
    expect([answer.status, jsonOf(answer)['code']]).toEqual([400, 'method_unavailable']);
  });
});

describe('signing parts', () => {
  it('of an upload by one PUT is 400 method_unavailable', async () => {
    const world = createWorld();
    const { id } = await created(world);
    const answer = await world.ask({
      method: 'POST',
      uri: `/v1/uploads/${id}/parts`,
      body: { uploadId: 'abc', numbers: [1] },
    });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([400, 'method_unavailable']);
    expect(parseId(id)?.kind).toBe('put');
  });
});
