import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, startStage } from './test-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

describe('an answer that the function makes', () => {
  test.each([
    [
      'a status as string',
      `return { status: '201', statusDescription: 'Made', headers: { 'x-a': [{ value: '1' }] }, body: 'é' };`,
      201,
      'é',
    ],
    ['base64', `return { status: '200', bodyEncoding: 'base64', body: 'aGk=' };`, 200, 'hi'],
    ['204 without body', `return { status: '204' };`, 204, ''],
    ['599', `return { status: '599' };`, 599, ''],
  ])('%s is sent', async (_name, code, status, text) => {
    expect(await stage.ask({ code })).toMatchObject({
      status,
      text,
      headers: { 'x-cache': 'LambdaGeneratedResponse from cloudfront', server: 'CloudFront' },
    });
  });

  test('repeated headers and spellings are kept', async () => {
    const code = `return { status: '200', headers: { 'set-cookie': [{ key: 'Set-Cookie', value: 'a=1' }, { value: 'b=2' }] } };`;
    expect((await stage.ask({ code })).headers['set-cookie']).toEqual(['a=1', 'b=2']);
  });

  test('a HEAD answer has the length and no body', async () => {
    const reply = await stage.ask({ method: 'HEAD', code: `return { status: '200', body: 'four' };` });
    expect(reply).toMatchObject({ status: 200, text: '', headers: { 'content-length': '4' } });
  });

  test('just below 1 MB is sent', async () => {
    const reply = await stage.ask({ code: `return { status: '200', body: 'x'.repeat(999_990) };` });
    expect(reply.text).toHaveLength(999_990);
  });

  test.each([
    ['no object', 'return "200";', /neither a request nor a response/],
    ['nothing', 'return undefined;', /neither a request nor a response/],
    ['a list', 'return [];', /neither a request nor a response/],
    ['status 199', `return { status: '199' };`, /status/],
    ['status 600', `return { status: '600' };`, /status/],
    ['status 20', `return { status: '20' };`, /status/],
    ['a status that is a number', `return { status: 200 };`, /status/],
    ['a status that is no number', `return { status: 'ok' };`, /status/],
    ['statusDescription that is no string', `return { status: '200', statusDescription: 1 };`, /statusDescription/],
    ['headers as a list', `return { status: '200', headers: [] };`, /not a map/],
    ['an upper-case header name', `return { status: '200', headers: { 'X-A': [{ value: '1' }] } };`, /not lower case/],
    [
      'a header name that is no token',
      `return { status: '200', headers: { 'x a': [{ value: '1' }] } };`,
      /not a token/,
    ],
    ['a header that is no list', `return { status: '200', headers: { 'x-a': '1' } };`, /not a list/],
    ['a header without {key, value}', `return { status: '200', headers: { 'x-a': ['1'] } };`, /no \{key, value\}/],
    [
      'a key of another name',
      `return { status: '200', headers: { 'x-a': [{ key: 'X-B', value: '1' }] } };`,
      /another name/,
    ],
    ['a number as value', `return { status: '200', headers: { 'x-a': [{ value: 1 }] } };`, /not a string/],
    [
      'a line break in a value',
      `return { status: '200', headers: { 'x-a': [{ value: 'a\\r\\nb' }] } };`,
      /cannot be sent/,
    ],
    [
      'a letter beyond latin1 in a value',
      `return { status: '200', headers: { 'x-a': [{ value: 'ł' }] } };`,
      /cannot be sent/,
    ],
    [
      'transfer-encoding',
      `return { status: '200', headers: { 'transfer-encoding': [{ value: 'chunked' }] } };`,
      /may not be set/,
    ],
    ['via', `return { status: '200', headers: { via: [{ value: '1.1 me' }] } };`, /may not be set/],
    [
      'a content-length of another body',
      `return { status: '200', body: 'abc', headers: { 'content-length': [{ value: '2' }] } };`,
      /content-length/,
    ],
    ['a body that is no string', `return { status: '200', body: { a: 1 } };`, /body is not a string/],
    ['an unknown bodyEncoding', `return { status: '200', body: '', bodyEncoding: 'hex' };`, /bodyEncoding/],
    ['base64 that is none', `return { status: '200', body: 'a-_=', bodyEncoding: 'base64' };`, /not base64/],
    ['204 with a body', `return { status: '204', body: 'x' };`, /204/],
    ['a body over 1 MB', `return { status: '200', body: 'x'.repeat(1_000_001) };`, /over 1000000/],
    [
      'a body that is over 1 MB only with its headers',
      `return { status: '200', body: 'x'.repeat(999_990), headers: { 'x-a': [{ value: '0123456789' }] } };`,
      /over 1000000/,
    ],
  ])('%s is 502', async (_name, code, reason) => {
    const reply = await stage.ask({ code });
    expect(reply).toMatchObject({ status: 502, headers: { 'x-cache': 'LambdaValidationError from cloudfront' } });
    expect(reply.headers['x-local-refusal']).toMatch(reason);
    expect(reply.text).toContain('<H1>502 ERROR</H1>');
  });

  test.each([
    'connection',
    'expect',
    'keep-alive',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'trailer',
    'upgrade',
    'x-accel-buffering',
    'x-amz-cf-pop',
    'x-amzn-auth',
    'x-amzn-cf-billing',
    'x-amzn-cf-id',
    'x-amzn-cf-xff',
    'x-amzn-errortype',
    'x-amzn-fle-profile',
    'x-amzn-header-count',
    'x-amzn-header-order',
    'x-amzn-lambda-integration-tag',
    'x-amzn-requestid',
    'x-cache',
    'x-edge-location',
    'x-forwarded-proto',
    'x-real-ip',
  ])('the disallowed header %s is 502', async (name) => {
    const reply = await stage.ask({ code: `return { status: '200', headers: { '${name}': [{ value: '1' }] } };` });
    expect(reply.status).toBe(502);
    expect(reply.headers['x-local-refusal']).toBe(`header ${name} is disallowed`);
  });
});
