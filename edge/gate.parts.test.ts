import { describe, expect, it } from 'vitest';
import { createTestIssuer, type TestIssuer } from './testing/issuer.ts';
import { askedOfS3, BODY, create, type Granted, MIB, problem, renew, SIZE } from './testing/parts.ts';
import { createWorld, jsonOf, type World } from './testing/world.ts';

describe('renew of an upload in parts', () => {
  it('finds it by its key and signs its parts afresh', async () => {
    const world = createWorld();
    const first = await create(world);
    world.advance(600_000);
    const answer = await renew(world, first.id);
    expect(answer.status).toBe(200);
    const second = jsonOf(answer) as unknown as Granted;
    expect(second).toMatchObject({
      id: first.id,
      region: 'euw1',
      createdAt: first.createdAt,
      expiresAt: first.expiresAt,
      multipart: { uploadId: 'eu-west-1-1', partCount: 3 },
    });
    expect(second.multipart.parts[0]?.expiresAt).toBe('2026-11-21T12:25:00.000Z');
    expect(askedOfS3(world).map(({ method }) => method)).toEqual(['POST', 'GET']);
  });

  it('that S3 no longer has open is 409 upload_ended', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const none = { status: 200, headers: {}, body: '<ListMultipartUploadsResult></ListMultipartUploadsResult>' };
    const after = createWorld({ issuers: () => world.issuers, s3: () => Promise.resolve(none) });
    expect(problem(await renew(after, id))).toEqual([409, 'upload_ended']);
  });

  it('is 503 when S3 does not say, and asks no other Region', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const down = createWorld({ issuers: () => world.issuers, s3: () => Promise.reject(new Error('down')) });
    const answer = await renew(down, id);
    expect(problem(answer)).toEqual([503, 'upstream_unavailable']);
    expect(answer.headers['retry-after']).toBe('1');
    expect(askedOfS3(down)).toHaveLength(1);
  });

  it.each([
    ['name', { name: 'other.jpg' }],
    ['size', { size: SIZE + 1 }],
    ['type', { type: 'image/png' }],
    ['method', { method: 'put' }],
    ['partSize', { partSize: 5 * MIB }],
    ['partChecksum', { partChecksum: 'sha256' }],
    ['metadata', { metadata: { a: 'b' } }],
  ])('with another %s is 409 grant_mismatch, and asks S3 nothing', async (_, change) => {
    const world = createWorld();
    const { id } = await create(world);
    expect(problem(await renew(world, id, { ...BODY, ...change }))).toEqual([409, 'grant_mismatch']);
    expect(askedOfS3(world)).toHaveLength(1);
  });

  it('takes the part size that was planned', async () => {
    const world = createWorld();
    const { id } = await create(world);
    expect((await renew(world, id, { ...BODY, partSize: 8 * MIB, method: 'auto' })).status).toBe(200);
  });
});

describe('the parts of an upload', () => {
  const sign = (world: World, id: string, body: unknown, headers = {}) =>
    world.ask({ method: 'POST', uri: `/v1/uploads/${id}/parts`, body, headers });
  const sha256 = (count: number): string[] => Array.from({ length: count }, () => 'ab'.repeat(32));

  it('are signed one by one, in the order asked', async () => {
    const world = createWorld();
    const { id, multipart } = await create(world);
    const answer = await sign(world, id, { uploadId: multipart.uploadId, numbers: [3, 1] });
    expect(answer.status, answer.body).toBe(200);
    expect(Object.keys(jsonOf(answer))).toEqual(['uploadId', 'parts']);
    const { parts, uploadId } = jsonOf(answer) as unknown as Granted['multipart'];
    expect(uploadId).toBe('eu-west-1-1');
    expect(parts.map(({ number, size }) => [number, size])).toEqual([
      [3, 4 * MIB + 7],
      [1, 8 * MIB],
    ]);
    expect(parts[1]).toEqual(multipart.parts[0]);
  });

  it('are signed in a row', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const answer = await sign(world, id, { uploadId: 'u', from: 2, count: 2 });
    expect((jsonOf(answer) as unknown as Granted['multipart']).parts.map(({ number }) => number)).toEqual([2, 3]);
  });

  it('carry the checksums told, each its own', async () => {
    const world = createWorld();
    const { id } = await create(world, { ...BODY, partChecksum: 'sha256' });
    const sums = ['00'.repeat(32), 'ff'.repeat(32)];
    const answer = await sign(world, id, { uploadId: 'u', numbers: [1, 2], sha256: sums });
    const { parts } = jsonOf(answer) as unknown as Granted['multipart'];
    expect(parts.map(({ headers }) => headers)).toEqual([
      { 'x-amz-checksum-sha256': 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' },
      { 'x-amz-checksum-sha256': '//////////////////////////////////////////8=' },
    ]);
    expect(new URL(parts[0]?.url ?? '').searchParams.get('X-Amz-SignedHeaders')).toBe(
      'content-length;host;x-amz-checksum-sha256',
    );
  });

  it('encode any upload id inside its own parameter', async () => {
    const world = createWorld();
    const { id } = await create(world);
    const answer = await sign(world, id, { uploadId: 'a+b/c=d~e.f', numbers: [1] });
    const { parts } = jsonOf(answer) as unknown as Granted['multipart'];
    expect(parts[0]?.url).toContain('uploadId=a%2Bb%2Fc%3Dd~e.f&');
  });

  it('are signed without asking S3, in a drained Region too', async () => {
    const issuers: TestIssuer[] = [];
    const world = createWorld({ issuers: (now) => [issuers[0] ?? createTestIssuer('acme', now)] });
    issuers.push(world.first);
    const { id } = await create(world);
    const drained = createWorld({ drain: ['euw1'], issuers: () => issuers });
    expect((await sign(drained, id, { uploadId: 'u', numbers: [1] })).status).toBe(200);
    expect(askedOfS3(drained)).toEqual([]);
  });

  it.each<[string, unknown, number, string, RegExp]>([
    ['beyond the plan', { uploadId: 'u', numbers: [4] }, 409, 'part_mismatch', /1 to 3/],
    ['in a row beyond the plan', { uploadId: 'u', from: 2, count: 3 }, 409, 'part_mismatch', /1 to 3/],
    ['beyond any plan', { uploadId: 'u', numbers: [10_001] }, 400, 'request_invalid', /\/numbers\/0 .* 10000/],
    ['number 0', { uploadId: 'u', numbers: [0] }, 400, 'request_invalid', /\/numbers\/0/],
    ['half a part', { uploadId: 'u', numbers: [1.5] }, 400, 'request_invalid', /\/numbers\/0 must be a whole/],
    ['no part', { uploadId: 'u', numbers: [] }, 400, 'request_invalid', /\/numbers/],
    ['too many', { uploadId: 'u', numbers: Array(201).fill(1) }, 400, 'request_invalid', /\/numbers .*200/],
    ['too many in a row', { uploadId: 'u', from: 1, count: 201 }, 400, 'request_invalid', /\/count .*200/],
    ['neither form', { uploadId: 'u' }, 400, 'request_invalid', /\/numbers is required/],
    ['both forms', { uploadId: 'u', from: 1, count: 1, numbers: [1] }, 400, 'request_invalid', /\/numbers/],
    ['no upload id', { numbers: [1] }, 400, 'request_invalid', /\/uploadId is required/],
    ['an empty upload id', { uploadId: '', numbers: [1] }, 400, 'request_invalid', /\/uploadId/],
    ['an upload id with a parameter', { uploadId: 'u&acl', numbers: [1] }, 400, 'request_invalid', /\/uploadId/],
    ['an upload id with a line break', { uploadId: 'u\n', numbers: [1] }, 400, 'request_invalid', /\/uploadId/],
    ['a long upload id', { uploadId: 'u'.repeat(1_025), numbers: [1] }, 400, 'request_invalid', /\/uploadId/],
    [
      'checksums nobody asked for',
      { uploadId: 'u', numbers: [1], sha256: sha256(1) },
      400,
      'request_invalid',
      /\/sha256/,
    ],
    ['an empty list nobody asked for', { uploadId: 'u', numbers: [1], sha256: [] }, 400, 'request_invalid', /\/sha256/],
    ['a list', [], 400, 'request_invalid', /required|object/],
  ])('%s is refused', async (_, body, status, code, advice) => {
    const world = createWorld();
    const { id } = await create(world);
    const answer = await sign(world, id, body);
    expect(problem(answer)).toEqual([status, code]);
    expect(jsonOf(answer)['detail']).toMatch(advice);
    expect(answer.body).not.toContain('X-Amz');
  });

  it.each<[string, unknown]>([
    ['no checksums', { uploadId: 'u', numbers: [1, 2] }],
    ['one too few', { uploadId: 'u', numbers: [1, 2], sha256: sha256(1) }],
    ['one too many', { uploadId: 'u', from: 1, count: 2, sha256: sha256(3) }],
    ['one that is none', { uploadId: 'u', numbers: [1], sha256: ['AB'.repeat(32)] }],
  ])('%s, where each part needs its own, is 400', async (_, body) => {
    const world = createWorld();
    const { id } = await create(world, { ...BODY, partChecksum: 'sha256' });
    const answer = await sign(world, id, body);
    expect(problem(answer)).toEqual([400, 'request_invalid']);
    expect(jsonOf(answer)['detail']).toMatch(/\/sha256/);
  });

  it("are judged by today's limits", async () => {
    const world = createWorld();
    const { id } = await create(world);
    const { limits } = world.first.entry;
    const issuer = { ...world.first, entry: { ...world.first.entry, limits: { ...limits, maxBytes: 1_000 } } };
    const answer = await sign(createWorld({ issuers: () => [issuer] }), id, { uploadId: 'u', numbers: [1] });
    expect(problem(answer)).toEqual([403, 'size_not_allowed']);
  });

  it("are refused where the issuer may no longer write, and for another's upload", async () => {
    const world = createWorld();
    const { id } = await create(world);
    const { limits } = world.first.entry;
    const issuer = { ...world.first, entry: { ...world.first.entry, limits: { ...limits, regions: ['use1'] } } };
    const moved = await sign(createWorld({ issuers: () => [issuer] }), id, { uploadId: 'u', numbers: [1] });
    expect(problem(moved)).toEqual([403, 'region_not_allowed']);
    const authorization = `Bearer ${world.first.token({ sub: 'other' })}`;
    const foreign = await sign(world, id, { uploadId: 'u', numbers: [1] }, { authorization });
    expect(problem(foreign)).toEqual([404, 'upload_not_found']);
  });
});

describe('the CPU time of signing', () => {
  /** CPU milliseconds of the best of five runs. */
  const cpuOf = async (work: () => Promise<unknown>): Promise<number> => {
    const times: number[] = [];
    for (let run = 0; run < 5; run += 1) {
      const from = process.cpuUsage();
      await work();
      const { user, system } = process.cpuUsage(from);
      times.push((user + system) / 1_000);
    }
    return Math.min(...times);
  };

  it('200 parts is below 10 ms, and 10,000 page through in less than a second', async () => {
    const world = createWorld();
    const { id } = await create(world, { ...BODY, size: 5_000_000_000, partSize: 5 * MIB });
    const page = async (from: number) => {
      const body = { uploadId: 'u'.repeat(128), from, count: 200 };
      expect((await world.ask({ method: 'POST', uri: `/v1/uploads/${id}/parts`, body })).status).toBe(200);
    };
    const one = await cpuOf(() => page(1));
    const pages = async (): Promise<void> => {
      for (let count = 0; count < 50; count += 1) await page(1 + (count % 4) * 200);
    };
    const all = await cpuOf(pages);
    process.stdout.write(
      `CPU of signing: 200 parts ${one.toFixed(1)} ms, 10,000 parts ${all.toFixed(0)} ms (best of 5)\n`,
    );
    expect(one).toBeLessThan(10);
    expect(all).toBeLessThan(1_000);
  });
});
