import { describe, expect, it } from 'vitest';
import { amzDate, credentialScope, stringToSign } from './string-to-sign.ts';

describe('amzDate', () => {
  it('writes the second of signing in UTC', () => {
    expect(amzDate(Date.UTC(2013, 4, 24, 7, 8, 9, 999))).toBe('20130524T070809Z');
  });

  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0, 1)])('refuses the time %s', (now) => {
    expect(() => amzDate(now)).toThrow(RangeError);
  });
});

describe('stringToSign', () => {
  // Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters", the example's canonical request and string to sign.
  it('is the published one for the published presigned URL', () => {
    const date = '20130524T000000Z';
    const canonical = [
      'GET',
      '/test.txt',
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host',
      'host:examplebucket.s3.amazonaws.com',
      '',
      'host',
      'UNSIGNED-PAYLOAD',
    ].join('\n');
    expect(stringToSign(date, credentialScope(date, 'us-east-1', 's3'), canonical)).toBe(
      [
        'AWS4-HMAC-SHA256',
        '20130524T000000Z',
        '20130524/us-east-1/s3/aws4_request',
        '3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04',
      ].join('\n'),
    );
  });
});
