import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { HttpRequest } from './http.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { CREATE, createWorld, jsonOf, testConfig, type WorldInput } from './testing/world.ts';

/** Runs a request on made-up time, which moves only while something waits for it, and tells how long it took by that time. */
const timed = async <Value>(run: () => Promise<Value>): Promise<{ value: Value; ms: number }> => {
  const since = performance.now();
  let settled = false;
  const pending = run()
    .then((value) => ({ value, ms: performance.now() - since }))
    .finally(() => {
      settled = true;
    });
  while (!settled) {
    if (vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync();
    await new Promise(setImmediate);
  }
  return pending;
};

/** A world whose clock moves with the made-up time. */
const createMovingWorld = (input: WorldInput = {}) => createWorld({ elapsed: () => performance.now(), ...input });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const fails = () => Promise.reject(new Error('connect ECONNREFUSED'));
const refuses = () => Promise.resolve({ status: 403, headers: {}, body: '' });

const timesOut = (ms: number): Promise<never> =>
  new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });

/** A registry that gives another world's documents after a time. */
const slowRegistry =
  (documents: ReturnType<typeof createWorld>['documents'], ms: number) => async (request: HttpRequest) => {
    await new Promise((resolve) => {
      setTimeout(resolve, ms);
    });
    const name = request.url.includes('policy.json') ? 'policy' : 'keys';
    return { status: 200, headers: { etag: '"1"' }, body: JSON.stringify(documents[name]) };
  };

describe('trouble with the registry', () => {
  it.each([
    ['never answers', 'never' as const],
    ['cannot be reached', fails],
    ['refuses', refuses],
    ['lies', () => Promise.resolve({ status: 200, headers: { etag: '"x"' }, body: '{"schema":1' })],
    ['forgets its ETag', () => Promise.resolve({ status: 200, headers: {}, body: '{}' })],
  ])('that %s is 503 with Retry-After within 1.7 s', async (_, registry) => {
    const world = createMovingWorld({ registry });
    const { value, ms } = await timed(() => world.ask(CREATE));
    expect([value.status, jsonOf(value)['code']]).toEqual([503, 'registry_unavailable']);
    expect(value.headers['retry-after']).toBe('1');
    expect(ms).toBeLessThanOrEqual(1_700);
    expect(world.logged()).toMatchObject({ level: 'ERROR', code: 'registry_unavailable' });
  });

  it('in the nearest Region is settled by the next', async () => {
    const world = createMovingWorld({
      registry: ({ url }) =>
        url.includes('eu-west-1') ? fails() : Promise.resolve({ status: 403, headers: {}, body: '' }),
    });
    await timed(() => world.ask(CREATE));
    const hosts = [...new Set(world.sent.map(({ url }) => new URL(url).host))];
    expect(hosts).toEqual([
      'nearput-prod-registry-123456789012-eu-west-1.s3.eu-west-1.amazonaws.com',
      'nearput-prod-registry-123456789012-us-east-1.s3.us-east-1.amazonaws.com',
    ]);
  });

  it('does not touch callers without a token', async () => {
    const world = createMovingWorld({ registry: 'never' });
    const { value } = await timed(() => world.ask({ ...CREATE, headers: { authorization: undefined } }));
    expect(value.status).toBe(401);
    expect(world.sent).toEqual([]);
  });
});

describe('trouble with S3', () => {
  const inParts = { ...CREATE, body: { name: 'a.bin', size: 100_000_000, type: 'application/octet-stream' } };
  const key = { 'idempotency-key': '0123456789abcdef' };

  it.each([
    ['a create', {}],
    ['a create that looks for an earlier one', key],
  ])('that never answers in the nearest Region moves %s to the next within 1.7 s', async (_, headers) => {
    const good = createWorld();
    const world = createMovingWorld({
      s3: (request) => (request.url.includes('eu-west-1') ? timesOut(request.timeoutMs) : good.s3(request)),
    });
    const { value, ms } = await timed(() => world.ask({ ...inParts, headers }));
    expect(value.status, value.body).toBe(201);
    expect(jsonOf(value)).toMatchObject({ region: 'use1', regionReason: 'failover' });
    expect(ms).toBeLessThanOrEqual(1_700);
    expect(world.logged()).toMatchObject({
      created: 'sent',
      failover: expect.stringMatching(/^euw1: no answer within/),
    });
  });

  it('that never answers anywhere is 503 with Retry-After within 1.7 s', async () => {
    const world = createMovingWorld({ s3: ({ timeoutMs }) => timesOut(timeoutMs) });
    const { value, ms } = await timed(() => world.ask(inParts));
    expect([value.status, jsonOf(value)['code']]).toEqual([503, 'upstream_unavailable']);
    expect(value.headers['retry-after']).toBe('1');
    expect(ms).toBeLessThanOrEqual(1_700);
  });

  it('that takes its time in the only Region has all the time there is', async () => {
    const good = createWorld();
    const slow = async (request: HttpRequest) => {
      if (request.timeoutMs < 1_500) return timesOut(request.timeoutMs);
      await new Promise((resolve) => {
        setTimeout(resolve, 1_500);
      });
      return good.s3(request);
    };
    const issuers = (now: () => number) => {
      const { limits } = createTestIssuer('acme', now).entry;
      return [createTestIssuer('acme', now, { limits: { ...limits, regions: ['euw1'] } })];
    };
    const world = createMovingWorld({ issuers, s3: slow });
    const { value } = await timed(() => world.ask(inParts));
    expect(value.status, value.body).toBe(201);
    expect(jsonOf(value)).toMatchObject({ region: 'euw1', regionReason: 'residency' });
  });
});

describe('trouble with the queue', () => {
  it.each([
    ['never answers', 'never' as const],
    ['cannot be reached', fails],
    ['refuses', refuses],
  ])('that %s never spoils the answer', async (_, queue) => {
    const world = createMovingWorld({
      queue: queue === 'never' ? (request) => timesOut(request.timeoutMs) : queue,
    });
    const { value, ms } = await timed(() => world.ask(CREATE));
    expect(value.status).toBe(201);
    expect(ms).toBeLessThanOrEqual(701);
    expect(world.logged()).toMatchObject({ created: 'failed', CreatedEventFailures: 1, Creates: 1, status: 201 });
    expect(world.logged()['createdError']).toMatch(/no answer|ECONNREFUSED|answered 403/);
  });

  it('gets at most 700 ms', async () => {
    const world = createWorld();
    await timed(() => world.ask(CREATE));
    expect(world.sent.find(({ url }) => url.includes('sqs'))?.timeoutMs).toBe(700);
  });

  it('gets no more than the request has left', async () => {
    const good = createWorld();
    const registry = slowRegistry(good.documents, 800);
    const world = createMovingWorld({ issuers: () => good.issuers, registry, config: testConfig(['use1']) });
    await timed(() => world.ask(CREATE));
    expect(world.sent.find(({ url }) => url.includes('sqs'))?.timeoutMs).toBe(700);
    const later = createMovingWorld({
      issuers: () => good.issuers,
      registry: slowRegistry(good.documents, 1_200),
      config: testConfig(['use1']),
    });
    await timed(() => later.ask(CREATE));
    expect(later.sent.find(({ url }) => url.includes('sqs'))?.timeoutMs).toBe(500);
  });
});

describe('a request that is sent on', () => {
  it('is told what the registry left', async () => {
    const good = createWorld();
    const world = createMovingWorld({ issuers: () => good.issuers, registry: slowRegistry(good.documents, 600) });
    const { value } = await timed(() => world.forward({ uri: '/v1/uploads' }));
    expect(value.headers['x-nearput-budget-ms']).toEqual([{ key: 'x-nearput-budget-ms', value: '1100' }]);
  });
});
