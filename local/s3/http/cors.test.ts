import { describe, expect, test } from 'vitest';
import type { CorsRule } from '../options.ts';
import { preflight } from './cors.ts';

describe('a preflight', () => {
  const rule: CorsRule = {
    allowedOrigins: ['https://app.example', 'http://*.test'],
    allowedMethods: ['PUT', 'GET'],
    allowedHeaders: ['content-type', 'x-amz-*'],
    exposedHeaders: ['ETag'],
    maxAgeSeconds: 3_600,
  };
  const ask = (change: Record<string, string | undefined> = {}) => {
    const headers: Record<string, string | undefined> = {
      origin: 'https://app.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'Content-Type, x-amz-meta-nearput',
      ...change,
    };
    return preflight([rule], (name) => headers[name]);
  };

  test('is answered with what the rule allows', () => {
    expect(ask()).toEqual({
      status: 200,
      headers: {
        'access-control-allow-origin': 'https://app.example',
        'access-control-allow-methods': 'PUT, GET',
        'access-control-allow-headers': 'content-type, x-amz-meta-nearput',
        'access-control-allow-credentials': 'true',
        'access-control-expose-headers': 'ETag',
        'access-control-max-age': '3600',
        vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
      },
    });
    expect(ask({ origin: 'http://a.test' }).status).toBe(200);
  });

  test.each([
    { origin: 'https://app.example.evil' },
    { origin: 'http://test' },
    { 'access-control-request-method': 'DELETE' },
    { 'access-control-request-headers': 'authorization' },
  ])('is refused with %o', (change) => {
    expect(() => ask(change)).toThrow(expect.objectContaining({ code: 'AccessForbidden', status: 403 }));
  });

  test('without an origin is 400', () => {
    expect(() => ask({ origin: undefined })).toThrow(expect.objectContaining({ status: 400 }));
  });
});
