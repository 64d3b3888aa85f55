import { describe, expect, it } from 'vitest';
import { gatewayBody, gatewayHeaders, gatewayStatus } from './gateway-responses.ts';

describe("API Gateway's own answers", () => {
  it.each([
    ['THROTTLED', 429, 'throttled', '1'],
    ['QUOTA_EXCEEDED', 429, 'throttled', '1'],
    ['REQUEST_TOO_LARGE', 413, 'body_too_large', undefined],
    ['INTEGRATION_TIMEOUT', 503, 'upstream_unavailable', '1'],
    ['DEFAULT_5XX', 503, 'upstream_unavailable', '1'],
    ['DEFAULT_4XX', 400, 'request_invalid', undefined],
    ['MISSING_AUTHENTICATION_TOKEN', 404, 'route_not_found', undefined],
  ] as const)('%s is a problem that every page can read', (type, status, code, retryAfter) => {
    expect(gatewayStatus(type)).toBe(status);
    expect(JSON.parse(gatewayBody(type, 'r-1'))).toMatchObject({
      type: `urn:nearput:problem:${code}`,
      status,
      code,
      requestId: 'r-1',
    });
    expect(gatewayHeaders(type)).toMatchObject({
      'content-type': 'application/problem+json',
      'access-control-allow-origin': '*',
    });
    expect(gatewayHeaders(type)['retry-after']).toBe(retryAfter);
  });
});
