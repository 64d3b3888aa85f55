import { beforeEach, describe, expect, it } from 'vitest';
import type { UploadPage } from '../../core/contract/records.ts';
import { transition } from '../record/transition.ts';
import type { RecordStore } from '../store/record-store.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { OWNER, type UploadWish } from '../testing/subjects.ts';

let world: ApiWorld;

type Cell = Pick<RecordStore, 'listByOwner'>;

beforeEach(() => {
  world = createApiWorld();
});

const minute = (index: number): string => `2026-11-20T12:${String(index).padStart(2, '0')}:00.000Z`;

const create = async (index: number, wish: UploadWish = {}, into = world.store): Promise<string> => {
  const upload = world.grant({ seed: `upload ${index}`, createdAt: minute(index), ...wish });
  const { record } = transition(null, {
    type: 'created',
    of: upload.subject,
    at: upload.createdAt,
    grant: upload.grant,
    creator: { tenant: 't1', subject: 'user' },
    createdAt: upload.createdAt,
    uploadId: null,
  });
  if (record !== null) await into.put(record, { signal: new AbortController().signal });
  return upload.subject.id;
};

const page = async (query = ''): Promise<UploadPage> => {
  const response = await world.ask('GET', `/v1/uploads${query}`);
  expect(response.status).toBe(200);
  return (await response.json()) as UploadPage;
};

describe('a list', () => {
  it('of nothing is empty', async () => {
    expect(await page()).toEqual({ items: [], nextCursor: null, unavailable: [] });
  });

  it('is the caller’s own, newest first, over all shards and cells', async () => {
    const ids = [];
    for (let index = 0; index < 12; index += 1) {
      const other = index % 3 === 0;
      ids.unshift(await create(index, { region: other ? 'use1' : 'euw1' }, other ? world.otherStore : world.store));
    }
    await create(30, { ownerKey: OWNER });
    const { items, nextCursor } = await page();
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(nextCursor).toBeNull();
  });

  it('pages by one cursor through all cells, each item once', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 11; index += 1) {
      const other = index % 2 === 0;
      ids.unshift(await create(index, { region: other ? 'use1' : 'euw1' }, other ? world.otherStore : world.store));
    }
    const found: string[] = [];
    let query = '?limit=3';
    for (let turn = 0; turn < 20; turn += 1) {
      const { items, nextCursor } = await page(query);
      expect(items.length).toBeLessThanOrEqual(3);
      found.push(...items.map(({ id }) => id));
      if (nextCursor === null) break;
      query = `?limit=3&cursor=${nextCursor}`;
    }
    expect(found).toEqual(ids);
  });

  it('filters by state, also by the one that is computed', async () => {
    const upload = world.grant({ seed: 'up' });
    world.objects.put(upload.subject, upload.head);
    await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`);
    const open = await create(1);
    const expired = await create(2, { createdAt: '2026-11-01T00:00:00.000Z' });
    const ids = async (state: string) => (await page(`?state=${state}`)).items.map(({ id }) => id);
    expect(await ids('UPLOADED')).toEqual([upload.subject.id]);
    expect(await ids('CREATED')).toEqual([open]);
    expect(await ids('EXPIRED')).toEqual([expired]);
    expect(await ids('ABORTED')).toEqual([]);
  });

  it('finds what it filters for behind many others in one page', async () => {
    const upload = world.grant({ seed: 'old', createdAt: minute(0) });
    world.objects.put(upload.subject, upload.head);
    await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`);
    for (let index = 1; index <= 40; index += 1) await create(index);
    const { items } = await page('?state=UPLOADED&limit=1');
    expect(items.map(({ id }) => id)).toEqual([upload.subject.id]);
  });

  it('never shows a tombstone', async () => {
    const id = await create(1);
    const record = await world.store.get(world.owner, id, { signal: new AbortController().signal });
    await world.store.put(
      { state: 'PURGED', id, ownerKey: world.owner, version: record?.version ?? 0 },
      { signal: new AbortController().signal },
    );
    expect((await page()).items).toEqual([]);
  });

  it('names a cell that does not answer, and gives what the others have', async () => {
    const down = { listByOwner: () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })) };
    const store = createMemoryStore();
    world = createApiWorld({
      store,
      cells: new Map<string, Cell>([
        ['euw1', store],
        ['use1', down],
      ]),
    });
    const upload = world.grant();
    world.objects.put(upload.subject, upload.head);
    await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`);
    const { items, unavailable } = await page();
    expect(items).toHaveLength(1);
    expect(unavailable).toEqual(['use1']);
    expect(world.counts).toContainEqual({ name: 'CellUnavailable', dimensions: { region: 'use1' } });
  });

  it('waits for a silent cell only as long as its budget lasts', async () => {
    const silent = { listByOwner: () => new Promise<never>(() => undefined) };
    world = createApiWorld({
      cells: new Map<string, Cell>([
        ['euw1', createMemoryStore()],
        ['use1', silent],
      ]),
    });
    const response = await world.ask('GET', '/v1/uploads', { headers: { 'x-nearput-budget-ms': '300' } });
    expect(await response.json()).toEqual({ items: [], nextCursor: null, unavailable: ['use1'] });
  });

  it('is 503 upstream_unavailable when no cell answers', async () => {
    const down = { listByOwner: () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNRESET' })) };
    world = createApiWorld({
      cells: new Map<string, Cell>([
        ['euw1', down],
        ['use1', down],
      ]),
    });
    const response = await world.ask('GET', '/v1/uploads');
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
  });

  it.each([
    ['?limit=0', '/limit'],
    ['?limit=101', '/limit'],
    ['?limit=x', '/limit'],
    ['?state=DONE', '/state'],
    ['?state=CREATED&state=CREATED', '/state'],
  ])('is 400 request_invalid for %s', async (query, path) => {
    const problem = await readProblem(await world.ask('GET', `/v1/uploads${query}`));
    expect(`${problem.status} ${problem.code} ${problem.errors?.[0]?.path}`).toBe(`400 request_invalid ${path}`);
  });

  it.each(['?cursor=', '?cursor=abc', '?cursor=%20'])('is 400 cursor_invalid for %s', async (query) => {
    expect(await problemLine(await world.ask('GET', `/v1/uploads${query}`))).toBe('400 cursor_invalid');
  });
});
