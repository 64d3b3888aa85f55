import { describe, expect, test } from 'vitest';
import { startFrontDoor } from './front-door.ts';
import { HOME, startStage } from './test-stage.ts';

describe('a function that fails', () => {
  test.each([
    ['throws', `throw new Error('no');`, /Error: no/],
    [
      'dies of an unhandled rejection',
      `Promise.reject(new Error('lost')); await new Promise((r) => setTimeout(r, 500));`,
      /lost/,
    ],
    ['takes too long', 'await new Promise((r) => setTimeout(r, 10_000));', /timed out after 1\.00 seconds/],
  ])('and %s is 503', async (_name, code, reason) => {
    const quick = await startStage({ lambda: { timeoutMs: 1_000 } });
    const reply = await quick.ask({ code });
    expect(reply.headers['x-local-refusal']).toMatch(reason);
    expect(reply).toMatchObject({ status: 503, headers: { 'x-cache': 'LambdaExecutionError from cloudfront' } });
    expect(quick.refusals).toMatchObject([{ status: 503, path: '/v1/things' }]);
    await quick.close();
  });

  test('is throttled with 503 when all instances over all Regions are busy', async () => {
    const small = await startStage({ maxInstances: 2 });
    const slow = { code: `await new Promise((r) => setTimeout(r, 300)); return { status: '200' };` };
    const replies = await Promise.all(
      ['dublin', 'sydney', 'tokyo'].map((place) => small.ask({ ...slow, headers: { 'x-sim-viewer': place } })),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 200, 503]);
    expect(replies.find(({ status }) => status === 503)?.headers['x-cache']).toBe(
      'LambdaLimitExceeded from cloudfront',
    );
    await small.close();
  });

  test('takes at most 10 requests a second per instance', async () => {
    const small = await startStage({ maxInstances: 1, lambda: { perInstanceRps: 10 } });
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await small.ask({ code: `return { status: '200' };` })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 200), 503]);
    await small.close();
  });
});

describe('a distribution', () => {
  test("with custom headers beyond CloudFront's limits does not start", async () => {
    await expect(
      startFrontDoor({
        port: 0,
        distribution: { id: 'E', domainName: 'd.cloudfront.net' },
        origin: { domainName: HOME, path: '', customHeaders: { 'x-config-1': 'c'.repeat(1_784) } },
        origins: {},
        functions: () => {
          throw new Error('not reached');
        },
        admin: () => undefined,
      }),
    ).rejects.toThrow(/longer than 1783/);
  });

  test('with a default place that is none does not start', async () => {
    await expect(startStage({ door: { defaultPlace: 'atlantis' } })).rejects.toThrow(/atlantis/);
  });
});
