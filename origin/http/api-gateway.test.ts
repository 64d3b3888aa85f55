import { describe, expect, it } from 'vitest';
import { type ProxyEvent, readProxyEvent, writeProxyResult } from './api-gateway.ts';

const EVENT: ProxyEvent = { httpMethod: 'POST', path: '/v1/uploads/x/finalize' };

describe('a REST proxy event', () => {
  it('becomes the request it stands for', async () => {
    const request = readProxyEvent({
      ...EVENT,
      multiValueHeaders: { 'Content-Type': ['application/json'], 'X-Request-Id': ['request-0001'] },
      multiValueQueryStringParameters: { ttl: ['1', '2'], cursor: ['a+b&c'] },
      body: '{"a":1}',
    });
    expect(request.method).toBe('POST');
    expect(new URL(request.url).pathname).toBe('/v1/uploads/x/finalize');
    expect([...new URL(request.url).searchParams]).toEqual([
      ['ttl', '1'],
      ['ttl', '2'],
      ['cursor', 'a+b&c'],
    ]);
    expect(request.headers.get('content-type')).toBe('application/json');
    expect(request.headers.get('x-request-id')).toBe('request-0001');
    expect(await request.json()).toEqual({ a: 1 });
  });

  it('decodes a base64 body', async () => {
    const request = readProxyEvent({ ...EVENT, body: 'eyJhIjoxfQ==', isBase64Encoded: true });
    expect(await request.text()).toBe('{"a":1}');
  });

  it.each([null, undefined, ''])('has no body for %j', async (body) => {
    expect(await readProxyEvent({ ...EVENT, ...(body === undefined ? {} : { body }) }).text()).toBe('');
  });

  it('keeps repeated Authorization headers apart enough to be refused', () => {
    const request = readProxyEvent({ ...EVENT, multiValueHeaders: { Authorization: ['Bearer a', 'Bearer b'] } });
    expect(request.headers.get('authorization')).toBe('Bearer a, Bearer b');
  });

  it('survives header values no request could carry', () => {
    const request = readProxyEvent({ ...EVENT, headers: { authorization: 'Bearer é\n\u0000', other: undefined } });
    expect(request.headers.get('authorization')).toBe('Bearer ???');
  });

  it('cannot smuggle a query or a host through its path', () => {
    const { url } = readProxyEvent({ ...EVENT, path: '//evil.example/v1?x=1#y' });
    expect(new URL(url).hostname).toBe('api.invalid');
    expect(new URL(url).search).toBe('');
    expect(new URL(url).pathname).toBe('//evil.example/v1%3Fx=1%23y');
  });
});

describe('a REST proxy result', () => {
  it('carries status, headers and text', async () => {
    const response = new Response('{}', { status: 201, headers: { 'content-type': 'application/json', etag: '"1"' } });
    expect(await writeProxyResult(response)).toEqual({
      statusCode: 201,
      headers: { 'content-type': 'application/json', etag: '"1"' },
      body: '{}',
      isBase64Encoded: false,
    });
  });

  it('of 204 has an empty body', async () => {
    expect(await writeProxyResult(new Response(null, { status: 204 }))).toMatchObject({ statusCode: 204, body: '' });
  });
});
