import { describe, expect, it } from 'vitest';
import { parseId } from '../core/contract/ids.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, type World } from './testing/world.ts';

type Granted = { id: string; form: { url: string; fields: Record<string, string>; expiresAt: string } };

const FORM = { ...GOOD_BODY, method: 'form' };

const create = async (world: World, body: object = FORM): Promise<Granted> => {
  const answer = await world.ask({ ...CREATE, body });
  expect(answer.status, answer.body).toBe(201);
  return jsonOf(answer) as unknown as Granted;
};

const conditionsOf = ({ form }: Granted): unknown[] =>
  (JSON.parse(Buffer.from(form.fields['policy'] ?? '', 'base64').toString()) as { conditions: unknown[] }).conditions;

describe('create of a form', () => {
  it('answers where to post and every field, and nothing of the other kinds', async () => {
    const created = await create(createWorld());
    expect(Object.keys(created)).toEqual([
      'id',
      'kind',
      'state',
      'region',
      'regionReason',
      'createdAt',
      'expiresAt',
      'form',
    ]);
    expect(created).toMatchObject({ kind: 'form', state: 'CREATED', region: 'euw1' });
    expect(created.form.url).toBe('https://nearput-prod-123456789012-eu-west-1.s3.eu-west-1.amazonaws.com/');
    expect(created.form.fields['key']).toMatch(new RegExp(`^u/acme/[a-z2-7]{32}/${created.id}$`));
    expect(parseId(created.id)).toMatchObject({ kind: 'form', size: 1_234, partSize: 0, checksumMode: 'none' });
    expect(conditionsOf(created)).toEqual(
      expect.arrayContaining([
        { bucket: 'nearput-prod-123456789012-eu-west-1' },
        ['content-length-range', 1_234, 1_234],
        { 'Content-Type': 'image/jpeg' },
        { success_action_status: '201' },
      ]),
    );
  });

  it('lives for 300 s at most, and no longer than the issuer allows', async () => {
    expect((await create(createWorld())).form.expiresAt).toBe('2026-11-21T12:05:00.000Z');
    const world = createWorld({
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, urlTtlSeconds: 60 } })];
      },
    });
    expect((await create(world)).form.expiresAt).toBe('2026-11-21T12:01:00.000Z');
  });

  it('binds a declared SHA-256', async () => {
    const created = await create(createWorld(), { ...FORM, sha256: '00'.repeat(32) });
    const declared = { 'x-amz-checksum-sha256': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' };
    expect(created.form.fields).toMatchObject(declared);
    expect(conditionsOf(created)).toContainEqual(declared);
  });

  it('asks S3 for nothing, and tells the Region', async () => {
    const world = createWorld();
    await create(world);
    const asked = world.sent.filter(({ url }) => !url.includes('registry'));
    expect(asked.map(({ url }) => url)).toEqual(['https://sqs.eu-west-1.amazonaws.com/']);
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ MessageBody: expect.stringContaining('"kind":"form"') });
  });
});

describe('renew of a form', () => {
  const renew = (world: World, id: string, body: object = FORM) =>
    world.ask({ method: 'POST', uri: `/v1/uploads/${id}/renew`, body });

  it('gives fresh fields for the same key', async () => {
    const world = createWorld();
    const first = await create(world);
    world.advance(600_000);
    const answer = await renew(world, first.id);
    expect(answer.status).toBe(200);
    const second = jsonOf(answer) as unknown as Granted;
    expect(second.id).toBe(first.id);
    expect(second.form.fields['key']).toBe(first.form.fields['key']);
    expect(second.form.fields['x-amz-date']).toBe('20261121T121000Z');
    expect(second.form.expiresAt).toBe('2026-11-21T12:15:00.000Z');
  });

  it('takes the same body without a method, and no other method', async () => {
    const world = createWorld();
    const { id } = await create(world);
    expect((await renew(world, id, GOOD_BODY)).status).toBe(200);
    expect((await renew(world, id, { ...FORM, method: 'auto' })).status).toBe(200);
    const answer = await renew(world, id, { ...FORM, method: 'put' });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([409, 'grant_mismatch']);
  });

  it.each([
    ['name', { name: 'other.jpg' }],
    ['size', { size: 1_235 }],
    ['type', { type: 'image/png' }],
    ['sha256', { sha256: 'a'.repeat(64) }],
    ['metadata', { metadata: { a: 'b' } }],
  ])('with another %s is 409 grant_mismatch', async (_, change) => {
    const world = createWorld();
    const { id } = await create(world);
    const answer = await renew(world, id, { ...FORM, ...change });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([409, 'grant_mismatch']);
    expect(answer.body).not.toContain('x-amz');
  });
});
