import { describe, expect, it } from 'vitest';
import { grantDigest } from '../core/contract/grant.ts';
import { parseId } from '../core/contract/ids.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, testConfig } from './testing/world.ts';

type Created = {
  id: string;
  region: string;
  regionReason: string;
  createdAt: string;
  expiresAt: string;
  put: { method: string; url: string; headers: Record<string, string>; expiresAt: string };
};

const create = async (world: ReturnType<typeof createWorld>, event: Partial<typeof CREATE> = {}) => {
  const answer = await world.ask({ ...CREATE, ...event });
  expect(answer.status, answer.body).toBe(201);
  return jsonOf(answer) as unknown as Created;
};

const createdEvent = (world: ReturnType<typeof createWorld>): Record<string, unknown> => {
  const request = world.sent.find(({ url }) => url.includes('sqs'));
  const message = JSON.parse(request?.body ?? '{}') as { MessageBody: string };
  return JSON.parse(message.MessageBody) as Record<string, unknown>;
};

describe('create', () => {
  it('answers 201 with an id of the nearest Region and a PUT for it', async () => {
    const created = await create(createWorld());
    expect(created).toMatchObject({
      kind: 'put',
      state: 'CREATED',
      region: 'euw1',
      regionReason: 'viewer-location',
      createdAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-28T12:00:00.000Z',
    });
    expect(created.id).toMatch(/^euw1_[a-z2-7]{71}$/);
    expect(Object.keys(created)).toEqual([
      'id',
      'kind',
      'state',
      'region',
      'regionReason',
      'createdAt',
      'expiresAt',
      'put',
    ]);
    const url = new URL(created.put.url);
    expect(url.host).toBe('nearput-prod-123456789012-eu-west-1.s3.eu-west-1.amazonaws.com');
    expect(url.pathname).toMatch(new RegExp(`^/u/acme/[a-z2-7]{32}/${created.id}$`));
    expect(url.searchParams.get('X-Amz-Expires')).toBe('900');
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-meta-nearput',
    );
    expect(created.put.expiresAt).toBe('2026-11-21T12:15:00.000Z');
    expect(created.put.headers).toMatchObject({ 'content-type': 'image/jpeg', 'if-none-match': '*' });
  });

  it('puts the grant into the id', async () => {
    const { id } = await create(createWorld());
    const parsed = parseId(id);
    expect(parsed).toMatchObject({ kind: 'put', size: 1_234, partSize: 0, checksumMode: 'none' });
    const grant = { kind: 'put', checksumMode: 'none', partSize: 0, sha256: null, metadata: {}, ...GOOD_BODY } as const;
    expect(parsed?.grantDigest.equals(grantDigest(grant))).toBe(true);
  });

  it('takes up to 5 GiB as one PUT when asked to', async () => {
    const body = { ...GOOD_BODY, size: 5_368_709_120, method: 'put' };
    expect(await create(createWorld(), { body })).toMatchObject({ kind: 'put' });
  });

  it('binds a declared SHA-256', async () => {
    const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
    const { put } = await create(createWorld(), { body: { ...GOOD_BODY, sha256, method: 'put' } });
    expect(put.headers['x-amz-checksum-sha256']).toBe('n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=');
  });

  it('gives a URL no longer than the deployment allows', async () => {
    const world = createWorld({
      config: { ...testConfig(), urlExpiry: 120 },
    });
    expect(new URL((await create(world)).put.url).searchParams.get('X-Amz-Expires')).toBe('120');
  });

  it('gives a URL no longer than the issuer allows', async () => {
    const world = createWorld({
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, urlTtlSeconds: 60 } })];
      },
    });
    expect(new URL((await create(world)).put.url).searchParams.get('X-Amz-Expires')).toBe('60');
  });

  it('gives another id each time without an Idempotency-Key', async () => {
    const world = createWorld();
    expect((await create(world)).id).not.toBe((await create(world)).id);
  });

  it('tells the home Region with everything a record needs', async () => {
    const world = createWorld();
    const created = await create(world, { body: { ...GOOD_BODY, name: 'süß\uffff.jpg', metadata: { album: '7' } } });
    const event = createdEvent(world);
    expect(event).toEqual({
      v: 1,
      type: 'upload.created',
      id: created.id,
      key: new URL(created.put.url).pathname.slice(1),
      ownerKey: new URL(created.put.url).pathname.split('/')[3],
      issuer: 'acme',
      tenant: 't1',
      subject: 'user',
      kind: 'put',
      name: 'süß\uffff.jpg',
      size: 1_234,
      contentType: 'image/jpeg',
      sha256: null,
      metadata: { album: '7' },
      uploadId: null,
      createdAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-28T12:00:00.000Z',
      requestId: 'EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==',
    });
    const request = world.sent.find(({ url }) => url.includes('sqs'));
    expect(request?.url).toBe('https://sqs.eu-west-1.amazonaws.com/');
    expect(request?.headers['x-amz-target']).toBe('AmazonSQS.SendMessage');
    expect(request?.body).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(request?.body ?? '{}')).toMatchObject({
      QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/nearput-prod-events',
    });
  });
});

describe('Region wishes', () => {
  it('prefer a Region', async () => {
    const created = await create(createWorld(), { body: { ...GOOD_BODY, preferRegion: 'apse2' } });
    expect(created).toMatchObject({ region: 'apse2', regionReason: 'preferred' });
  });

  it('avoid a Region', async () => {
    const created = await create(createWorld(), { body: { ...GOOD_BODY, avoidRegions: ['euw1'] } });
    expect(created).toMatchObject({ region: 'use1', regionReason: 'avoided' });
  });

  it('pass over a drained Region', async () => {
    expect(await create(createWorld({ drain: ['euw1'] }))).toMatchObject({ region: 'use1', regionReason: 'drained' });
  });

  it('keep to the one Region of the issuer from everywhere', async () => {
    const world = createWorld({
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, regions: ['use1'] } })];
      },
    });
    expect(await create(world)).toMatchObject({ region: 'use1', regionReason: 'residency' });
    const sydney = { 'cloudfront-viewer-latitude': '-33.87', 'cloudfront-viewer-longitude': '151.21' };
    expect(await create(world, { headers: sydney })).toMatchObject({ region: 'use1', regionReason: 'residency' });
  });

  it('go by the Region of the function for callers without a place', async () => {
    const nowhere = {
      'cloudfront-viewer-latitude': undefined,
      'cloudfront-viewer-longitude': undefined,
      'cloudfront-viewer-country': undefined,
    };
    const world = createWorld({ edgeRegion: 'ap-northeast-1' });
    expect(await create(world, { headers: nowhere })).toMatchObject({ region: 'apse2', regionReason: 'edge-region' });
  });
});

describe('Idempotency-Key', () => {
  const key = { 'idempotency-key': '0123456789abcdef' };

  it('gives the same id again, with a fresh URL', async () => {
    const world = createWorld();
    const first = await create(world, { headers: key });
    world.advance(5_000);
    const second = await create(world, { headers: key });
    expect(second.id).toBe(first.id);
    expect(second.createdAt).toBe('2026-11-21T12:00:05.000Z');
    expect(second.put.url).not.toBe(first.put.url);
  });

  it('counts defaults written out and another order as the same body', async () => {
    const world = createWorld();
    const first = await create(world, { headers: key });
    const body = {
      metadata: {},
      method: 'auto',
      partChecksum: 'none',
      type: 'image/jpeg',
      size: 1_234,
      name: 'photo.jpg',
    };
    expect((await create(world, { headers: key, body })).id).toBe(first.id);
  });

  it('does not count Region wishes', async () => {
    const world = createWorld();
    const first = await create(world, { headers: key });
    const body = { ...GOOD_BODY, preferRegion: 'euw1', avoidRegions: ['apse2'] };
    expect((await create(world, { headers: key, body })).id).toBe(first.id);
  });

  it.each([
    ['another body', { ...CREATE, body: { ...GOOD_BODY, size: 1_235 }, headers: key }],
    ['another key', { ...CREATE, headers: { 'idempotency-key': '0123456789abcdeg' } }],
  ])('gives another id for %s', async (_, other) => {
    const world = createWorld();
    const first = await create(world, { headers: key });
    expect((await create(world, other)).id).not.toBe(first.id);
  });

  it('gives another id to another subject', async () => {
    const world = createWorld();
    const first = await create(world, { headers: key });
    const authorization = `Bearer ${world.first.token({ sub: 'other' })}`;
    expect((await create(world, { headers: { ...key, authorization } })).id).not.toBe(first.id);
  });
});
