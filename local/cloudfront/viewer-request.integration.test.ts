import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Stage, startStage } from './test-stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.close());

describe('before the function', () => {
  test.each(['GET', 'OPTIONS', 'PUT', 'POST', 'PATCH', 'DELETE'])('%s is allowed', async (method) => {
    expect(await stage.echo({ method })).toMatchObject({ method, url: '/live/v1/things' });
  });

  test('HEAD is allowed', async () => {
    expect(await stage.ask({ method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test.each([
    ['another method', { method: 'PROPFIND' }, 403],
    ['TRACE', { method: 'TRACE' }, 403],
    ['a GET with a body', { body: 'x' }, 403],
    ['a GET with an empty chunked body', { headers: { 'transfer-encoding': 'chunked' }, body: '' }, 403],
    ['a HEAD with a body', { method: 'HEAD', body: 'x' }, 403],
    ['a path outside /v1/', { path: '/v2/things' }, 404],
    ['/v1 without a slash', { path: '/v1' }, 404],
    ['a path that only begins like the behaviour', { path: '/v1/../admin' }, 404],
    ['the same with an encoded dot', { path: '/v1/%2e%2e/admin' }, 404],
    ['a URL of 8,193 bytes', { path: `/v1/${'u'.repeat(8_189)}` }, 413],
    ['headers that take the request over 32,768 bytes', { headers: { 'x-long': 'h'.repeat(32_700) } }, 413],
    ['headers beyond any reading', { headers: { 'x-long': 'h'.repeat(70_000) } }, 494],
  ])('%s is refused by CloudFront itself', async (_name, wish, status) => {
    const reply = await stage.ask(wish);
    expect(reply).toMatchObject({ status, headers: { 'x-cache': 'Error from cloudfront' } });
    expect(reply.headers['x-local-refusal']).toBeTruthy();
  });

  test('a URL of 8,191 characters passes', async () => {
    const path = `/v1/${'u'.repeat(8_187)}`;
    expect((await stage.echo({ path })).url).toBe(`/live${path}`);
  });

  test('a path that leads into the behaviour is matched, and forwarded raw', async () => {
    expect((await stage.echo({ path: '/x/../v1/things' })).url).toBe('/live/x/../v1/things');
  });

  test('a target that is no path is 400', async () => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(stage.door.port, '127.0.0.1');
      socket.on('data', (chunk) => resolve(String(chunk)));
      socket.write(
        `GET http://elsewhere/v1/x HTTP/1.1\r\nHost: 127.0.0.1:${stage.door.port}\r\nConnection: close\r\n\r\n`,
      );
    });
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('another Host never gets in', async () => {
    expect((await stage.ask({ headers: { host: 'evil.example' } })).status).toBe(421);
  });

  test('/_local goes to the platform before every rule', async () => {
    expect(await stage.ask({ path: '/_local/clock?x=1', body: 'x' })).toMatchObject({
      status: 200,
      text: 'admin /_local/clock?x=1',
    });
  });
});
