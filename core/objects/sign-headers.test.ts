import { describe, expect, it } from 'vitest';
import { type SignHeadersRequest, signHeaders } from './sign-headers.ts';

/** What the examples of "Signature Calculations for the Authorization Header", Amazon S3 API Reference, share. */
const PUBLISHED = {
  method: 'GET',
  region: 'us-east-1',
  service: 's3',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  now: Date.UTC(2013, 4, 24),
} as const;

const GET_OBJECT: SignHeadersRequest = {
  ...PUBLISHED,
  url: 'https://examplebucket.s3.amazonaws.com/test.txt',
  headers: { range: 'bytes=0-9' },
};

const authorization = (signedHeaders: string, signature: string): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`;

describe('signHeaders', () => {
  it('signs the published GET Object', () => {
    expect(signHeaders(GET_OBJECT)).toEqual({
      range: 'bytes=0-9',
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      'x-amz-date': '20130524T000000Z',
      authorization: authorization(
        'host;range;x-amz-content-sha256;x-amz-date',
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    });
  });

  it('signs the published PUT Object, with a body and a key that needs encoding', () => {
    const headers = signHeaders({
      ...PUBLISHED,
      method: 'PUT',
      url: 'https://examplebucket.s3.amazonaws.com/test$file.text',
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      body: 'Welcome to Amazon S3.',
    });
    expect(headers['x-amz-content-sha256']).toBe('44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072');
    expect(headers['authorization']).toBe(
      authorization(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    );
  });

  it('signs the published GET Bucket Lifecycle, whose parameter has no value', () => {
    expect(
      signHeaders({ ...PUBLISHED, url: 'https://examplebucket.s3.amazonaws.com/?lifecycle' })['authorization'],
    ).toBe(
      authorization(
        'host;x-amz-content-sha256;x-amz-date',
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      ),
    );
  });

  it('signs the published GET Bucket, whose parameters are in any order', () => {
    expect(
      signHeaders({ ...PUBLISHED, url: 'https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2' })[
        'authorization'
      ],
    ).toBe(
      authorization(
        'host;x-amz-content-sha256;x-amz-date',
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      ),
    );
  });

  it('hashes text as UTF-8 and bytes as they are', () => {
    const of = (body: string | Uint8Array) => signHeaders({ ...GET_OBJECT, body });
    expect(of('é')).toEqual(of(new Uint8Array([0xc3, 0xa9])));
    expect(of('é')).not.toEqual(of(new Uint8Array([0xe9])));
  });

  it('sends and signs the session token', () => {
    const headers = signHeaders({ ...GET_OBJECT, credentials: { ...PUBLISHED.credentials, sessionToken: 'tok+en=' } });
    expect(headers['x-amz-security-token']).toBe('tok+en=');
    expect(headers['authorization']).toContain(
      'SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token,',
    );
  });

  it("says the port in host when it is not the scheme's own", () => {
    expect(signHeaders({ ...GET_OBJECT, url: 'http://127.0.0.1:9324/' })['host']).toBe('127.0.0.1:9324');
    expect(signHeaders({ ...GET_OBJECT, url: 'https://sqs.eu-west-1.amazonaws.com:443/' })['host']).toBe(
      'sqs.eu-west-1.amazonaws.com',
    );
  });

  it.each(['host', 'authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'])(
    'refuses a given %s, which is its own',
    (name) => {
      expect(() => signHeaders({ ...GET_OBJECT, headers: { [name]: 'x' } })).toThrow(TypeError);
    },
  );
});
