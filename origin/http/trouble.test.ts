import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordStore } from '../store/record-store.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import { createMemoryStore } from '../testing/memory-store.ts';

let world: ApiWorld;
let id: string;

beforeEach(() => {
  world = createApiWorld();
  const upload = world.grant();
  world.objects.put(upload.subject, upload.head);
  id = upload.subject.id;
});

const failing = (change: Partial<RecordStore>): RecordStore => ({ ...createMemoryStore(), ...change });

describe('trouble behind the API', () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it('is 503 upstream_unavailable with Retry-After when the table does not answer within the budget', async () => {
    world = createApiWorld({ store: failing({ get: never }) });
    const startedAt = performance.now();
    const response = await world.ask('POST', `/v1/uploads/${id}/finalize`, {
      headers: { 'x-nearput-budget-ms': '50' },
    });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(response.headers.get('retry-after')).toBe('1');
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
  });

  it('is 503 when S3 never answers, however long the gate would wait', async () => {
    const { objects } = createApiWorld();
    world = createApiWorld({ objects: { ...objects, head: never } });
    const response = await world.ask('POST', `/v1/uploads/${world.grant().subject.id}/finalize`, {
      headers: { 'x-nearput-budget-ms': '99999' },
    });
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
  });

  it('is 503 when a budget is used up before it began', async () => {
    const response = await world.ask('GET', `/v1/uploads/${id}`, { headers: { 'x-nearput-budget-ms': '0' } });
    expect(await problemLine(response)).toBe('503 upstream_unavailable');
  });

  it.each(['-1', '1.5', '1e3', 'many'])('is not invited by a budget of %s', async (budget) => {
    const response = await world.ask('GET', `/v1/uploads/${id}`, { headers: { 'x-nearput-budget-ms': budget } });
    expect(response.status).toBe(200);
  });

  it('is 503 when DynamoDB throttles', async () => {
    const get = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    world = createApiWorld({ store: failing({ get }) });
    expect(await problemLine(await world.ask('GET', `/v1/uploads/${id}`))).toBe('503 upstream_unavailable');
  });

  it('is 503 when other writers always come first', async () => {
    world = createApiWorld({ store: failing({ put: async () => false }) });
    const upload = world.grant();
    world.objects.put(upload.subject, upload.head);
    expect(await problemLine(await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`))).toBe(
      '503 upstream_unavailable',
    );
  });

  it('is 500 internal for a fault of our own: nothing of it in the answer, its stack in the log', async () => {
    const get = () => Promise.reject(new TypeError('a secret of the house'));
    world = createApiWorld({ store: failing({ get }) });
    const problem = await readProblem(await world.ask('GET', `/v1/uploads/${id}`));
    expect(`${problem.status} ${problem.code}`).toBe('500 internal');
    expect(JSON.stringify(problem)).not.toContain('secret');
    expect(world.lines[0]?.error).toMatchObject({ message: 'a secret of the house' });
  });

  it('a write whose answer was lost is recognised: one record, one success', async () => {
    const store = createMemoryStore();
    let lost = false;
    const put: RecordStore['put'] = async (record, options) => {
      const written = await store.put(record, options);
      if (lost) return written;
      lost = true;
      return false;
    };
    world = createApiWorld({ store: { ...store, put } });
    const upload = world.grant();
    world.objects.put(upload.subject, upload.head);
    const response = await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`);
    expect(await response.json()).toMatchObject({ state: 'UPLOADED' });
    expect(store.all()).toMatchObject([{ version: 1, history: [{ state: 'UPLOADED' }] }]);
  });
});
