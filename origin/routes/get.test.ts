import { beforeEach, describe, expect, it } from 'vitest';
import { transition } from '../record/transition.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import type { TestUpload } from '../testing/subjects.ts';

let world: ApiWorld;
let upload: TestUpload;

beforeEach(() => {
  world = createApiWorld();
  upload = world.grant();
});

const get = (query = '') => world.ask('GET', `/v1/uploads/${upload.subject.id}${query}`);

const finalized = async (wish: Parameters<ApiWorld['grant']>[0] = {}): Promise<void> => {
  upload = world.grant(wish);
  world.objects.put(upload.subject, upload.head);
  expect((await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`)).status).toBe(200);
};

describe('GET of an upload', () => {
  it('nobody heard of shows what its id says and who asks', async () => {
    expect(await (await get()).json()).toEqual({
      id: upload.subject.id,
      kind: 'put',
      state: 'CREATED',
      region: 'euw1',
      name: null,
      size: 4,
      type: null,
      sha256: null,
      checksums: {},
      etag: null,
      versionId: null,
      metadata: {},
      issuer: 'acme',
      tenant: 't1',
      subject: 'user',
      createdAt: null,
      receivedAt: null,
      uploadedAt: null,
      deletedAt: null,
      expiresAt: null,
      rejected: null,
      download: null,
    });
    expect(world.objects.calls).toEqual(['head latest']);
  });

  it('whose bytes are there shows its grant metadata, RECEIVED, and writes nothing', async () => {
    world.objects.put(upload.subject, upload.head);
    expect(await (await get()).json()).toMatchObject({
      state: 'RECEIVED',
      name: 'photo.png',
      metadata: { album: 'summer' },
      issuer: 'acme',
      tenant: null,
      subject: null,
      versionId: 'v1',
      download: null,
    });
    expect(world.store.all()).toEqual([]);
  });

  it('past its life is EXPIRED without bytes and RECEIVED with bytes that came in time', async () => {
    const created = transition(null, {
      type: 'created',
      of: upload.subject,
      at: upload.createdAt,
      grant: upload.grant,
      creator: { tenant: 't1', subject: 'user' },
      createdAt: '2026-11-13T00:00:00.000Z',
      uploadId: null,
    }).record;
    if (created !== null) await world.store.put(created, { signal: AbortSignal.timeout(1_000) });
    world.clock.now += 1;
    expect(await (await get()).json()).toMatchObject({ state: 'EXPIRED', expiresAt: '2026-11-20T00:00:00.000Z' });
    world.objects.put(upload.subject, { ...upload.head, lastModifiedMs: Date.parse('2026-11-19T00:00:00.000Z') });
    expect(await (await get()).json()).toMatchObject({ state: 'RECEIVED' });
  });

  it('that is UPLOADED has a link to the pinned version', async () => {
    await finalized();
    expect(await (await get()).json()).toMatchObject({
      state: 'UPLOADED',
      download: { url: expect.stringContaining(upload.subject.id), expiresAt: '2026-11-21T00:05:00.000Z' },
    });
    expect(world.objects.links).toEqual([
      {
        key: `u/acme/${world.owner}/${upload.subject.id}`,
        versionId: 'v1',
        ttl: 300,
        contentType: 'image/png',
        contentDisposition: 'attachment; filename="photo.png"',
      },
    ]);
  });

  it.each([
    ['?ttl=1', 1],
    ['?ttl=3600', 3_600],
  ])('takes %s', async (query, ttl) => {
    await finalized();
    await get(query);
    expect(world.objects.links.at(-1)).toMatchObject({ ttl });
  });

  it.each(['?ttl=0', '?ttl=3601', '?ttl=1.5', '?ttl=', '?ttl=-1', '?ttl=1&ttl=1', '?ttl=1e3'])(
    'refuses %s with 400 request_invalid',
    async (query) => {
      const problem = await readProblem(await get(query));
      expect(`${problem.status} ${problem.code}`).toBe('400 request_invalid');
      expect(problem.errors?.[0]?.path).toBe('/ttl');
    },
  );

  it.each([
    ['image/png', 'image/png', 'inline'],
    ['application/pdf', 'application/pdf', 'inline'],
    ['image/png; charset=utf-8', 'image/png', 'inline'],
    ['image/svg+xml', 'image/svg+xml', 'attachment'],
    ['text/html', 'text/html', 'attachment'],
    ['text/plain', 'text/plain', 'attachment'],
    ['text/javascript', 'text/javascript', 'attachment'],
    ['application/xml', 'application/xml', 'attachment'],
  ])('asked inline, shows %s as %s, %s', async (type, contentType, kind) => {
    await finalized({ type });
    await get('?inline');
    expect(world.objects.links.at(-1)).toMatchObject({
      contentType,
      contentDisposition: `${kind}; filename="photo.png"`,
    });
  });
});

describe('GET of the content', () => {
  const content = (query = '') => world.ask('GET', `/v1/uploads/${upload.subject.id}/content${query}`);

  it('is 307 to the link', async () => {
    await finalized();
    const response = await content('?ttl=60');
    expect(response.status).toBe(307);
    expect(response.headers.get('location')).toBe(`https://bucket.example/u/acme/${world.owner}/${upload.subject.id}`);
    expect(await response.text()).toBe('');
    expect(world.objects.links).toMatchObject([{ ttl: 60, versionId: 'v1' }]);
  });

  it('is 409 bytes_missing before finalize', async () => {
    world.objects.put(upload.subject, upload.head);
    expect(await problemLine(await content())).toBe('409 bytes_missing');
  });

  it('never stands in a log', async () => {
    await finalized();
    await content();
    expect(JSON.stringify(world.lines)).not.toContain('bucket.example');
  });
});
