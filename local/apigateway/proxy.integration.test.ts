import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Ask, Reply } from '../support/testing/raw-request.ts';
import { createGatewayStage } from './test-stage.ts';

const { start, stop } = createGatewayStage();
let ask: (wish?: Ask) => Promise<Reply>;
beforeAll(async () => {
  ask = await start();
});
afterAll(stop);

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
