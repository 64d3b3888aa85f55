import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunction, type FunctionOptions, type LambdaFunction } from '../lambda/host.ts';
import { type Gateway, type GatewayOptions, lambdaProxy, startGateway } from './gateway.ts';

/** Runs the code that a request brings in `x-code`; without code it answers with its event. */
const BUNDLE = `
const AsyncFunction = (async () => undefined).constructor;
export const handler = async (event) => {
  const code = event.headers['x-code'];
  if (code === undefined) return { statusCode: 200, body: JSON.stringify(event) };
  return new AsyncFunction('event', Buffer.from(code, 'base64url').toString('utf8'))(event);
};
`;
const API = {
  accountId: '000000000000',
  apiId: 'abc123',
  domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
  stage: 'live',
};
const MAX_BODY = 10_485_760;

type Ask = {
  method?: string;
  path?: string;
  headers?: Record<string, string | string[]>;
  body?: Buffer | string;
  code?: string;
};
type Reply = { status: number; headers: IncomingMessage['headers']; body: Buffer; text: string };

const folder = mkdtempSync(join(tmpdir(), 'apigateway-'));
const bundle = join(folder, 'api.mjs');
writeFileSync(bundle, BUNDLE);
const running: { gateway: Gateway; lambda: LambdaFunction }[] = [];

const start = async (wish: { gateway?: Partial<GatewayOptions>; lambda?: Partial<FunctionOptions> } = {}) => {
  const lambda = createFunction({
    name: 'api',
    bundle,
    handler: 'handler',
    env: { AWS_REGION: 'eu-west-1' },
    memoryMb: 256,
    timeoutMs: 5_000,
    maxInstances: 4,
    perInstanceRps: null,
    logPath: join(folder, 'api.log'),
    clock: { offsetSeconds: () => 0 },
    ...wish.lambda,
  });
  const gateway = await startGateway({
    port: 0,
    domainName: API.domainName,
    stage: API.stage,
    routes: [{ method: 'ANY', resource: '/{proxy+}', integration: lambdaProxy(lambda, API) }],
    clock: { now: () => Date.UTC(2026, 3, 9, 12, 34, 56, 789) },
    ...wish.gateway,
  });
  running.push({ gateway, lambda });
  return (ask: Ask = {}) => send(gateway.url, ask);
};

const send = (
  url: string,
  { method = 'GET', path = '/live/v1/things', headers = {}, body, code }: Ask,
): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const all = { ...headers, ...(code === undefined ? {} : { 'x-code': Buffer.from(code).toString('base64url') }) };
    const length =
      body === undefined || 'transfer-encoding' in all ? {} : { 'content-length': Buffer.byteLength(body) };
    const outgoing = httpRequest(url, { method, path, agent: false, headers: { ...length, ...all } }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: whole, text: whole.toString('utf8') });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });

let ask: (wish?: Ask) => Promise<Reply>;
beforeAll(async () => {
  ask = await start();
});
afterAll(async () => {
  for (const { gateway, lambda } of running) {
    await gateway.close();
    await lambda.stop();
  }
  rmSync(folder, { recursive: true, force: true });
});

const event = async (wish: Ask = {}): Promise<Record<string, unknown>> => JSON.parse((await ask(wish)).text);

describe('the proxy event', () => {
  test("has the members of a REST API's, with the path raw and parameters decoded", async () => {
    const {
      headers: _,
      multiValueHeaders: __,
      ...rest
    } = await event({
      path: '/live/v1/a%2Fb?x=1&x=%C3%A9&y=&a+b=c',
      headers: { 'user-agent': 'test/1' },
    });
    expect(rest).toEqual({
      resource: '/{proxy+}',
      path: '/v1/a%2Fb',
      httpMethod: 'GET',
      queryStringParameters: { x: 'é', y: '', 'a b': 'c' },
      multiValueQueryStringParameters: { x: ['1', 'é'], y: [''], 'a b': ['c'] },
      pathParameters: { proxy: 'v1/a/b' },
      stageVariables: null,
      requestContext: {
        accountId: '000000000000',
        apiId: 'abc123',
        domainName: 'abc123.execute-api.eu-west-1.amazonaws.com',
        domainPrefix: 'abc123',
        stage: 'live',
        resourceId: 'local',
        resourcePath: '/{proxy+}',
        path: '/live/v1/a%2Fb',
        httpMethod: 'GET',
        protocol: 'HTTP/1.1',
        requestId: expect.stringMatching(/^[\da-f-]{36}$/),
        extendedRequestId: expect.stringMatching(/^[\w-]{15}=$/),
        requestTime: '09/Apr/2026:12:34:56 +0000',
        requestTimeEpoch: 1_775_738_096_789,
        identity: expect.objectContaining({ sourceIp: '127.0.0.1', userAgent: 'test/1', accessKey: null }),
      },
      body: null,
      isBase64Encoded: false,
    });
  });

  test('keeps the spelling of headers; of repeated ones the last and all', async () => {
    const { headers, multiValueHeaders } = await event({
      headers: { 'X-Many': ['1', '2'], Authorization: 'Bearer t' },
    });
    expect(headers).toMatchObject({ 'X-Many': '2', Authorization: 'Bearer t' });
    expect(multiValueHeaders).toMatchObject({ 'X-Many': ['1', '2'], Authorization: ['Bearer t'] });
  });

  test('appends the caller to X-Forwarded-For, and shows no connection headers and no port', async () => {
    const { headers } = await event({
      method: 'POST',
      body: 'x',
      headers: { 'X-Forwarded-For': '192.0.2.1', Expect: '100-continue' },
    });
    expect(headers).toMatchObject({
      'X-Forwarded-For': '192.0.2.1, 127.0.0.1',
      'X-Forwarded-Proto': 'https',
      Host: '127.0.0.1',
    });
    expect(Object.keys(headers as object).map((name) => name.toLowerCase())).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(connection|expect|content-length)$/)]),
    );
  });

  test('carries every body in base64', async () => {
    const body = Buffer.from([0, 255, 65]);
    expect(await event({ method: 'POST', body })).toMatchObject({ body: 'AP9B', isBase64Encoded: true });
    expect(await event({ method: 'POST', body, headers: { 'transfer-encoding': 'chunked' } })).toMatchObject({
      body: 'AP9B',
    });
    expect(await event({ method: 'POST', body: '' })).toMatchObject({ body: null, isBase64Encoded: false });
  });

  test('lets the client choose requestId, never extendedRequestId', async () => {
    const { requestContext, headers } = await event({
      headers: { 'x-amzn-requestid': 'chosen-by-the-client', 'x-amz-apigw-id': 'too' },
    });
    expect(requestContext).toMatchObject({ requestId: 'chosen-by-the-client' });
    expect(headers).not.toHaveProperty('x-amzn-requestid');
    expect((requestContext as { extendedRequestId: string }).extendedRequestId).not.toBe('too');
  });
});

describe('the answer of a function', () => {
  test('comes back with status, all headers and the ids of the request', async () => {
    const reply = await ask({
      code: `return { statusCode: 201, headers: { 'X-A': '1', 'X-B': 2 }, multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'x-a': ['1'] }, body: 'é' };`,
    });
    expect(reply).toMatchObject({ status: 201, text: 'é' });
    expect(reply.headers).toMatchObject({
      'x-a': '1',
      'x-b': '2',
      'set-cookie': ['a=1', 'b=2'],
      'content-type': 'application/json',
      'x-amzn-requestid': expect.any(String),
      'x-amz-apigw-id': expect.any(String),
    });
  });

  test.each([
    ['base64 decoded', `return { statusCode: 200, body: '/wA=', isBase64Encoded: true };`, 200, Buffer.from([255, 0])],
    ['no body', 'return { statusCode: 200 };', 200, Buffer.alloc(0)],
    ['a null body', 'return { statusCode: 200, body: null };', 200, Buffer.alloc(0)],
    ['a status as text', `return { statusCode: '404', body: 'x' };`, 404, Buffer.from('x')],
    ['204', `return { statusCode: 204, body: '' };`, 204, Buffer.alloc(0)],
  ])('%s', async (_name, code, status, body) => {
    const reply = await ask({ code });
    expect(reply.status).toBe(status);
    expect(reply.body.equals(body)).toBe(true);
  });

  test('with its own content-type keeps it', async () => {
    const reply = await ask({
      code: `return { statusCode: 400, headers: { 'content-type': 'application/problem+json' } };`,
    });
    expect(reply.headers['content-type']).toBe('application/problem+json');
  });

  test.each(['WWW-Authenticate', 'Server', 'Date', 'Content-Length', 'Connection'])(
    '%s comes back under another name',
    async (name) => {
      const reply = await ask({ code: `return { statusCode: 401, headers: { '${name}': 'theirs' }, body: 'four' };` });
      expect(reply.headers[`x-amzn-remapped-${name.toLowerCase()}`]).toBe('theirs');
      expect(reply.headers[name.toLowerCase()]).not.toBe('theirs');
      expect(reply.text).toBe('four');
    },
  );

  test('to HEAD has no body', async () => {
    expect(await ask({ method: 'HEAD', code: `return { statusCode: 200, body: 'four' };` })).toMatchObject({
      status: 200,
      text: '',
    });
  });

  test.each([
    ['text', 'return "ok";'],
    ['nothing', 'return;'],
    ['a list', 'return [];'],
    ['no statusCode', `return { body: 'ok' };`],
    ['statusCode 99', 'return { statusCode: 99 };'],
    ['statusCode 600', 'return { statusCode: 600 };'],
    ['a statusCode with a fraction', 'return { statusCode: 200.5 };'],
    ['an object as body', 'return { statusCode: 200, body: { ok: true } };'],
    ['isBase64Encoded that is no boolean', `return { statusCode: 200, isBase64Encoded: 'yes' };`],
    ['headers as a list', 'return { statusCode: 200, headers: [] };'],
    ['a header that is a list', `return { statusCode: 200, headers: { 'x-a': ['1'] } };`],
    ['a multi-value header that is none', `return { statusCode: 200, multiValueHeaders: { 'x-a': '1' } };`],
    ['a header name that is no token', `return { statusCode: 200, headers: { 'x a': '1' } };`],
    ['a line break in a header', `return { statusCode: 200, headers: { 'x-a': '1\\n2' } };`],
  ])('that is %s is 502', async (_name, code) => {
    const reply = await ask({ code });
    expect(reply).toMatchObject({ status: 502, text: '{"message":"Internal server error"}' });
    expect(reply.headers['x-amzn-errortype']).toBe('InternalServerErrorException');
    expect(reply.headers['x-local-refusal']).toMatch(/^malformed Lambda proxy response/);
  });
});

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
    const [port] = running.map(({ gateway }) => gateway.port);
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
