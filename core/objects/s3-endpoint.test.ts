import { describe, expect, it } from 'vitest';
import { objectPath, objectUrl, parseEndpoint, s3Endpoint } from './s3-endpoint.ts';

const REGION = 'eu-west-1';

describe('s3Endpoint', () => {
  it.each([
    ['a plain bucket by its own host', 'uploads', undefined, 'https://uploads.s3.eu-west-1.amazonaws.com/a%20b'],
    ['a bucket with dots by path', 'up.loads', undefined, 'https://s3.eu-west-1.amazonaws.com/up.loads/a%20b'],
    ['another S3 by path', 'uploads', 'http://127.0.0.1:9000', 'http://127.0.0.1:9000/uploads/a%20b'],
    ['another S3 below a path', 'uploads', 'https://s3.test/base/', 'https://s3.test/base/uploads/a%20b'],
  ])('addresses %s', (_, bucket, endpoint, url) => {
    expect(objectUrl(s3Endpoint({ bucket, region: REGION, endpoint }), 'a b')).toBe(url);
  });

  it("says the host as the host header shows it, without the scheme's own port", () => {
    expect(s3Endpoint({ bucket: 'uploads', region: REGION, endpoint: 'http://127.0.0.1:9000' }).host).toBe(
      '127.0.0.1:9000',
    );
    expect(s3Endpoint({ bucket: 'uploads', region: REGION, endpoint: 'https://s3.test:443' }).host).toBe('s3.test');
  });

  it.each(['ab', 'Uploads', '-uploads', 'uploads/', 'up loads', 'a'.repeat(64), 'x@y.z', ''])(
    'refuses the bucket %j',
    (bucket) => {
      expect(() => s3Endpoint({ bucket, region: REGION })).toThrow(TypeError);
    },
  );

  it.each(['', 'euw1', 'eu-west-1.evil.test', 'EU-WEST-1', 'eu-west-1/'])('refuses the Region %j', (region) => {
    expect(() => s3Endpoint({ bucket: 'uploads', region })).toThrow(TypeError);
  });
});

describe('parseEndpoint', () => {
  it.each(['ftp://s3.test', 'https://user@s3.test', 'https://s3.test?a=b', 'https://s3.test#a', 'nonsense'])(
    'refuses %j',
    (base) => {
      expect(() => parseEndpoint(base)).toThrow(TypeError);
    },
  );
});

describe('objectPath', () => {
  it.each([
    ['https://s3.test', '/'],
    ['https://s3.test/bucket', '/bucket'],
  ])('of the bucket itself at %s is %s', (base, path) => {
    expect(objectPath(parseEndpoint(base), '')).toBe(path);
  });
});
