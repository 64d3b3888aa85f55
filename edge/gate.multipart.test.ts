import { describe, expect, it } from 'vitest';
import { decodeGrantMetadata } from '../core/objects/grant-metadata.ts';
import type { HttpRequest } from './http.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { askedOfS3, BODY, create, type Granted, MIB, problem, SIZE } from './testing/parts.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, type World, type WorldInput } from './testing/world.ts';

const KEY = { 'idempotency-key': '0123456789abcdef' };

/** A world whose S3 fails in these Regions. */
const failing = (names: readonly string[], input: WorldInput = {}): World => {
  const good = createWorld();
  const answers = (request: HttpRequest) =>
    names.some((name) => request.url.includes(name))
      ? Promise.resolve({ status: 503, headers: {}, body: '<Error><Code>SlowDown</Code></Error>' })
      : good.s3(request);
  return createWorld({ ...input, s3: answers });
};

describe('create of an upload in parts', () => {
  it('starts it in the nearest Region and signs its parts', async () => {
    const world = createWorld();
    const created = await create(world);
    expect(created).toMatchObject({
      kind: 'multipart',
      region: 'euw1',
      regionReason: 'viewer-location',
      createdAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-28T12:00:00.000Z',
      multipart: { uploadId: 'eu-west-1-1', partSize: 8 * MIB, partCount: 3 },
    });
    const { parts } = created.multipart;
    expect(parts.map(({ number, size }) => [number, size])).toEqual([
      [1, 8 * MIB],
      [2, 8 * MIB],
      [3, 4 * MIB + 7],
    ]);
    const query = new URL(parts[2]?.url ?? '').searchParams;
    expect([query.get('partNumber'), query.get('uploadId'), query.get('X-Amz-SignedHeaders')]).toEqual([
      '3',
      'eu-west-1-1',
      'content-length;host',
    ]);
    expect(parts[0]?.expiresAt).toBe('2026-11-21T12:15:00.000Z');
  });

  it('puts grant and checksum on the upload', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const [start, ...others] = askedOfS3(world);
    expect(others).toEqual([]);
    expect(start?.method).toBe('POST');
    expect(start?.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'x-amz-checksum-algorithm': 'CRC64NVME',
      'x-amz-checksum-type': 'FULL_OBJECT',
    });
    expect(decodeGrantMetadata(start?.headers['x-amz-meta-nearput'])).toMatchObject({
      id,
      size: SIZE,
      createdAt: '2026-11-21T12:00:00.000Z',
    });
  });

  it('tells the Region of the upload id', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const message = world.sent.find(({ url }) => url.includes('sqs'))?.body ?? '';
    expect(JSON.parse((JSON.parse(message) as { MessageBody: string }).MessageBody)).toMatchObject({
      id,
      kind: 'multipart',
      uploadId: 'eu-west-1-1',
    });
  });

  it.each([
    ['64 MiB', 64 * MIB, 'put'],
    ['one byte more', 64 * MIB + 1, 'multipart'],
  ])('is what auto means from there on: %s', async (_, size, kind) => {
    expect(await create(createWorld(), { ...GOOD_BODY, size })).toMatchObject({ kind });
  });

  it('is not what auto means for a declared SHA-256', async () => {
    const body = { ...GOOD_BODY, size: 5_368_709_120, sha256: 'a'.repeat(64) };
    expect(await create(createWorld(), body)).toMatchObject({ kind: 'put' });
  });

  it.each([
    [0, undefined, 8, 1],
    [1, undefined, 8, 1],
    [80_000 * MIB, undefined, 8, 10_000],
    [80_000 * MIB + 1, undefined, 9, 8_889],
    [53_687_091_200_000, undefined, 5_120, 10_000],
    [SIZE, 5, 5, 5],
    [SIZE, 5_120, 5_120, 1],
  ])('plans %s bytes, asked for parts of %s MiB, as parts of %s MiB: %s of them', async (size, asked, mib, count) => {
    const body = { ...BODY, size, ...(asked && { partSize: asked * MIB }) };
    const world = createWorld({
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, maxBytes: 53_687_091_200_000 } })];
      },
    });
    const { multipart } = await create(world, body);
    expect(multipart).toMatchObject({ partSize: mib * MIB, partCount: count });
    expect(multipart.parts).toHaveLength(Math.min(200, count));
  });

  it('signs no part that must carry a checksum nobody told yet', async () => {
    const world = createWorld();
    const { multipart } = await create(world, { ...BODY, partChecksum: 'sha256' });
    expect(multipart).toMatchObject({ partCount: 3, parts: [] });
    expect(askedOfS3(world)[0]?.headers).toMatchObject({
      'x-amz-checksum-algorithm': 'SHA256',
      'x-amz-checksum-type': 'COMPOSITE',
    });
  });

  it('keeps the answer with 200 parts well below a megabyte', async () => {
    const answer = await createWorld().ask({ ...CREATE, body: { ...BODY, size: 4_000_000_000 } });
    expect((jsonOf(answer) as unknown as Granted).multipart.parts).toHaveLength(200);
    expect(Buffer.byteLength(answer.body)).toBeLessThan(500_000);
  });

  it('is refused by policy before S3 is asked', async () => {
    const world = createWorld();
    const { limits } = world.first.entry;
    const issuer = { ...world.first, entry: { ...world.first.entry, limits: { ...limits, maxBytes: 1_000 } } };
    const narrow = createWorld({ issuers: () => [issuer] });
    expect(problem(await narrow.ask({ ...CREATE, body: BODY }))).toEqual([403, 'size_not_allowed']);
    expect(askedOfS3(narrow)).toEqual([]);
  });
});

describe('an S3 that does not start an upload', () => {
  it('is left for the next allowed Region, and the answer says so', async () => {
    const world = failing(['eu-west-1']);
    const created = await create(world);
    expect(created).toMatchObject({
      region: 'use1',
      regionReason: 'failover',
      multipart: { uploadId: 'us-east-1-1' },
    });
    expect(created.id).toMatch(/^use1_/);
    expect(created.multipart.parts[0]?.url).toContain('.s3.us-east-1.amazonaws.com/');
    expect(world.logged()).toMatchObject({
      region: 'use1',
      regionReason: 'failover',
      failover: 'euw1: S3 answered 503 SlowDown',
    });
  });

  it.each([
    ['cannot be reached', () => Promise.reject(new Error('connect ECONNREFUSED'))],
    ['answers an error with 200', () => Promise.resolve({ status: 200, headers: {}, body: '<Error></Error>' })],
    ['refuses', () => Promise.resolve({ status: 403, headers: {}, body: '' })],
  ])('counts as such when it %s', async (_, fault) => {
    const good = createWorld();
    const world = createWorld({ s3: (request) => (request.url.includes('eu-west-1') ? fault() : good.s3(request)) });
    expect(await create(world)).toMatchObject({ region: 'use1', regionReason: 'failover' });
  });

  it('is left also when the caller preferred it', async () => {
    const world = failing(['ap-southeast-2']);
    expect(await create(world, { ...BODY, preferRegion: 'apse2' })).toMatchObject({
      region: 'euw1',
      regionReason: 'failover',
    });
  });

  it('is left for no Region that the caller avoids or the issuer may not use', async () => {
    const avoided = failing(['eu-west-1']);
    expect(await create(avoided, { ...BODY, avoidRegions: ['use1'] })).toMatchObject({ region: 'apse2' });
    const limited = failing(['eu-west-1'], {
      issuers: (now) => {
        const { limits } = createTestIssuer('acme', now).entry;
        return [createTestIssuer('acme', now, { limits: { ...limits, regions: ['euw1'] } })];
      },
    });
    const answer = await limited.ask({ ...CREATE, body: BODY });
    expect(problem(answer)).toEqual([503, 'upstream_unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(askedOfS3(limited)).toHaveLength(1);
  });

  it('in every Region is 503, after each was asked once', async () => {
    const world = failing(['amazonaws.com']);
    expect(problem(await world.ask({ ...CREATE, body: BODY }))).toEqual([503, 'upstream_unavailable']);
    expect(askedOfS3(world).map(({ url }) => new URL(url).host.split('.').at(-3))).toEqual([
      'eu-west-1',
      'us-east-1',
      'ap-southeast-2',
    ]);
    expect(world.logged()).toMatchObject({ level: 'ERROR', failover: expect.stringContaining('apse2: ') });
    expect(world.sent.some(({ url }) => url.includes('sqs'))).toBe(false);
  });
});

describe('the same Idempotency-Key', () => {
  it('finds the upload that is open instead of starting another', async () => {
    const world = createWorld();
    const first = await create(world, BODY, KEY);
    world.advance(5_000);
    const second = await create(world, BODY, KEY);
    expect(second.id).toBe(first.id);
    expect(second.multipart.uploadId).toBe(first.multipart.uploadId);
    expect(second.multipart.parts[0]?.url).not.toBe(first.multipart.parts[0]?.url);
    expect(askedOfS3(world).map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
  });

  it("promises that upload's life, not a longer one", async () => {
    const world = createWorld();
    await create(world, BODY, KEY);
    world.advance(3_600_000);
    expect(await create(world, BODY, KEY)).toMatchObject({
      createdAt: '2026-11-21T12:00:00.000Z',
      expiresAt: '2026-11-28T12:00:00.000Z',
    });
  });

  it('with another body starts another', async () => {
    const world = createWorld();
    const first = await create(world, BODY, KEY);
    const second = await create(world, { ...BODY, size: SIZE + 1 }, KEY);
    expect(second.id).not.toBe(first.id);
    expect(second.multipart.uploadId).not.toBe(first.multipart.uploadId);
  });

  it('without one nothing is looked for', async () => {
    const world = createWorld();
    await create(world);
    expect(askedOfS3(world).map(({ method }) => method)).toEqual(['POST']);
  });
});
