import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask, Reply } from '../support/testing/raw-request.ts';
import { API, createGatewayStage, MAX_BODY } from './test-stage.ts';

const { start, ports, stop } = createGatewayStage();
let ask: (wish?: Ask) => Promise<Reply>;
beforeAll(async () => {
  ask = await start();
});
afterAll(stop);

describe('a function that fails', () => {
  test.each([
    ['throws', `throw new Error('no');`],
    ['exits', 'process.exit(1);'],
    ['is out of its own time', 'await new Promise((r) => setTimeout(r, 2_000));'],
  ])('and %s is 502', async (_name, code) => {
    const quick = await start({ lambda: { timeoutMs: 300 } });
    expect(await quick({ code })).toMatchObject({ status: 502, text: '{"message":"Internal server error"}' });
  });

  test('and is slower than the integration may be is 504', async () => {
    const slow = await start({ gateway: { timeoutMs: 200 } });
    expect(
      await slow({ code: 'await new Promise((r) => setTimeout(r, 1_000)); return { statusCode: 200 };' }),
    ).toMatchObject({
      status: 504,
      text: '{"message":"Endpoint request timed out"}',
    });
  });

  test('and is throttled is 500', async () => {
    const small = await start({ lambda: { maxInstances: 1 } });
    const code = 'await new Promise((r) => setTimeout(r, 200)); return { statusCode: 200 };';
    const statuses = (await Promise.all([small({ code }), small({ code })])).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 500]);
  });
});

describe('a request', () => {
  test("for another Host never gets in, the API's own name does", async () => {
    const [port] = ports();
    expect((await ask({ headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await ask({ headers: { host: `${API.domainName}:${port}` } })).status).toBe(200);
  });

  test.each([
    ['without the stage', { path: '/v1/things' }, 403, 'Forbidden'],
    ['for a stage that only begins alike', { path: '/lively/v1' }, 403, 'Forbidden'],
    ['for the root, which has no method', { path: '/live/' }, 403, 'Missing Authentication Token'],
    ['with a plain brace in its query', { path: '/live/v1?a={' }, 400, 'Bad Request'],
    ['with a plain bar in its query', { path: '/live/v1?a=|' }, 400, 'Bad Request'],
    [
      'with headers over 10,240 bytes',
      { headers: { 'x-long': 'h'.repeat(10_240) } },
      431,
      'Request Header Fields Too Large',
    ],
    ['with a body one byte over 10 MB', { method: 'POST', body: Buffer.alloc(MAX_BODY + 1) }, 413, 'Request Too Long'],
    [
      'with such a body in chunks',
      { method: 'POST', body: Buffer.alloc(MAX_BODY + 1), headers: { 'transfer-encoding': 'chunked' } },
      413,
      'Request Too Long',
    ],
    ["with a body beyond Lambda's 6 MB", { method: 'POST', body: Buffer.alloc(5_000_000) }, 413, 'Request Too Long'],
  ])('%s is refused', async (_name, wish: Ask, status, message) => {
    const reply = await ask(wish);
    expect(reply).toMatchObject({ status, text: JSON.stringify({ message }) });
    expect(reply.headers['x-amzn-errortype']).toBeTruthy();
    expect(reply.headers['x-amzn-requestid']).toBeTruthy();
  });

  test('with headers of just below 10,240 bytes passes', async () => {
    expect((await ask({ headers: { 'x-long': 'h'.repeat(10_100) } })).status).toBe(200);
  });

  test('with a body of 4 MiB passes, unchanged', async () => {
    const body = Buffer.alloc(4 * 1024 * 1024, 'nearput');
    const code = `const { createHash } = await import('node:crypto');
      return { statusCode: 200, body: createHash('sha256').update(Buffer.from(event.body, 'base64')).digest('hex') };`;
    expect((await ask({ method: 'POST', body, code })).text).toBe(createHash('sha256').update(body).digest('hex'));
  });

  test("beyond the account's rate is 429", async () => {
    const limited = await start({ gateway: { throttle: { perSecond: 1, burst: 2 } } });
    const statuses: number[] = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await limited()).status);
    expect(statuses).toEqual([200, 200, 429]);
  });

  test('refused by the API itself reads as the API says', async () => {
    const responses = (type: string, requestId: string) => ({
      status: 418,
      headers: [['content-type', 'text/plain']] as const,
      body: Buffer.from(`${type} ${requestId}`),
    });
    const limited = await start({ gateway: { responses, throttle: { perSecond: 1, burst: 1 } } });
    expect((await limited()).status).toBe(200);
    const refused = await limited();
    expect([refused.status, refused.headers['content-type']]).toEqual([418, 'text/plain']);
    expect(refused.text).toBe(`THROTTLED ${refused.headers['x-amz-apigw-id']}`);
    expect((await limited({ path: '/elsewhere' })).text).toBe('{"message":"Forbidden"}');
  });
});

describe('routes', () => {
  const says = (text: string) => () => Promise.resolve({ status: 200, headers: [], body: Buffer.from(text) });

  test('an exact resource wins over {proxy+}, a named method over ANY', async () => {
    const routed = await start({
      gateway: {
        routes: [
          { method: 'ANY', resource: '/{proxy+}', integration: says('proxy') },
          { method: 'POST', resource: '/v1/documents', integration: says('documents') },
          { method: 'GET', resource: '/v1/{proxy+}', integration: says('v1 get') },
          { method: 'ANY', resource: '/v1/{proxy+}', integration: says('v1 any') },
        ],
      },
    });
    const text = async (method: string, path: string) => (await routed({ method, path })).text;
    expect(await text('POST', '/live/v1/documents')).toBe('documents');
    expect(await text('GET', '/live/v1/documents')).toBe('{"message":"Missing Authentication Token"}');
    expect(await text('GET', '/live/v1/documents/1')).toBe('v1 get');
    expect(await text('PUT', '/live/v1/documents/1')).toBe('v1 any');
    expect(await text('GET', '/live/other')).toBe('proxy');
  });
});
