import { describe, expect, test } from 'vitest';
import type { Credential } from '../support/credentials.ts';
import type { SignedRequest } from './request.ts';
import { type VerifyContext, verifySignature } from './verify.ts';

/** Keys, moment and signatures are AWS's own: "Signature calculations for the Authorization header" and "Authenticating requests: using query parameters", Amazon S3 API reference. */
const credential: Credential = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
  role: 'example',
  statements: [],
  expiresAt: null,
};
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const NOW = Date.parse('2013-05-24T00:00:00Z');

const context = (change: Partial<VerifyContext> = {}): VerifyContext => ({
  find: (id) => (id === credential.accessKeyId ? credential : undefined),
  now: NOW,
  region: 'us-east-1',
  service: 's3',
  ...change,
});

const authorization = (
  signedHeaders: string,
  signature: string,
  scope = '20130524/us-east-1/s3/aws4_request',
): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;

const GET_SIGNED = 'host;range;x-amz-content-sha256;x-amz-date';
const GET_SIGNATURE = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

/** GET Object, with the headers in `change` replaced (undefined: left out). */
function getObject(change: Record<string, string | undefined> = {}): SignedRequest {
  const headers: Record<string, string | undefined> = {
    Host: 'examplebucket.s3.amazonaws.com',
    Authorization: authorization(GET_SIGNED, GET_SIGNATURE),
    Range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': '20130524T000000Z',
    ...change,
  };
  return {
    method: 'GET',
    rawPath: '/test.txt',
    rawQuery: '',
    headers: Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  };
}

const PRESIGNED: Record<string, string> = {
  'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
  'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request',
  'X-Amz-Date': '20130524T000000Z',
  'X-Amz-Expires': '86400',
  'X-Amz-SignedHeaders': 'host',
  'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
};

function presignedGet(
  change: Record<string, string | undefined> = {},
  extraHeaders: [string, string][] = [],
): SignedRequest {
  return {
    method: 'GET',
    rawPath: '/test.txt',
    rawQuery: Object.entries({ ...PRESIGNED, ...change })
      .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
      .join('&'),
    headers: [['Host', 'examplebucket.s3.amazonaws.com'], ...extraHeaders],
  };
}

/** `ok`, or code and status of the refusal. */
function verdict(request: SignedRequest, change: Partial<VerifyContext> = {}): string {
  const result = verifySignature(request, context(change));
  return result.ok ? 'ok' : `${result.code} ${result.status}`;
}

function message(request: SignedRequest, change: Partial<VerifyContext> = {}): string {
  const result = verifySignature(request, context(change));
  return result.ok ? 'ok' : result.message;
}

describe('AWS published examples', () => {
  test('GET Object is accepted', () => {
    expect(verifySignature(getObject(), context())).toMatchObject({
      ok: true,
      via: 'header',
      payloadHash: EMPTY_SHA256,
      signedHeaders: new Set(['host', 'range', 'x-amz-content-sha256', 'x-amz-date']),
    });
  });

  test('PUT Object with a dollar sign in its key is accepted', () => {
    const request: SignedRequest = {
      method: 'PUT',
      rawPath: '/test$file.text',
      rawQuery: '',
      headers: [
        ['Host', 'examplebucket.s3.amazonaws.com'],
        ['Date', 'Fri, 24 May 2013 00:00:00 GMT'],
        [
          'Authorization',
          authorization(
            'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
            '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
          ),
        ],
        ['x-amz-date', '20130524T000000Z'],
        ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
        ['x-amz-content-sha256', '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'],
      ],
    };
    expect(verdict(request)).toBe('ok');
    expect(verdict({ ...request, rawPath: '/test%24file.text' })).toBe('ok');
    expect(verdict({ ...request, rawPath: '/test%2524file.text' })).toBe('SignatureDoesNotMatch 403');
  });

  test.each([
    ['lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
    ['prefix=J&max-keys=2', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ])('GET bucket ?%s is accepted', (rawQuery, signature) => {
    const request = getObject({
      Range: undefined,
      Authorization: authorization('host;x-amz-content-sha256;x-amz-date', signature),
    });
    expect(verdict({ ...request, rawPath: '/', rawQuery })).toBe('ok');
  });

  test('the presigned GET is accepted', () => {
    expect(verifySignature(presignedGet(), context())).toMatchObject({
      ok: true,
      via: 'query',
      payloadHash: 'UNSIGNED-PAYLOAD',
    });
  });
});

describe('a header signature is refused', () => {
  test.each<[string, SignedRequest, string]>([
    ['for another method', { ...getObject(), method: 'HEAD' }, 'SignatureDoesNotMatch 403'],
    ['for another path', { ...getObject(), rawPath: '/test.tx' }, 'SignatureDoesNotMatch 403'],
    ['with a parameter more', { ...getObject(), rawQuery: 'versionId=1' }, 'SignatureDoesNotMatch 403'],
    ['with another signed header', getObject({ Range: 'bytes=0-8' }), 'SignatureDoesNotMatch 403'],
    ['without a signed header', getObject({ Range: undefined }), 'SignatureDoesNotMatch 403'],
    ['for another host', getObject({ Host: 'examplebucket.s3.amazonaws.co' }), 'SignatureDoesNotMatch 403'],
    [
      'with another payload hash',
      getObject({ 'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072' }),
      'SignatureDoesNotMatch 403',
    ],
    [
      'with one digit changed',
      getObject({ Authorization: authorization(GET_SIGNED, `${GET_SIGNATURE.slice(0, -1)}2`) }),
      'SignatureDoesNotMatch 403',
    ],
    [
      'in upper case',
      getObject({ Authorization: authorization(GET_SIGNED, GET_SIGNATURE.toUpperCase()) }),
      'SignatureDoesNotMatch 403',
    ],
    [
      'cut short',
      getObject({ Authorization: authorization(GET_SIGNED, GET_SIGNATURE.slice(0, -1)) }),
      'SignatureDoesNotMatch 403',
    ],
    ['with an unsigned x-amz header', getObject({ 'X-Amz-Acl': 'public-read' }), 'AccessDenied 403'],
    [
      'that does not cover host',
      getObject({ Authorization: authorization('range;x-amz-content-sha256;x-amz-date', GET_SIGNATURE) }),
      'AccessDenied 403',
    ],
    ['without a date', getObject({ 'x-amz-date': undefined }), 'AccessDenied 403'],
    ['without a payload hash', getObject({ 'x-amz-content-sha256': undefined }), 'InvalidRequest 400'],
    ['with half a payload hash', getObject({ 'x-amz-content-sha256': EMPTY_SHA256.slice(32) }), 'InvalidArgument 400'],
    ['of another kind', getObject({ Authorization: 'AWS AKIAIOSFODNN7EXAMPLE:c2ln' }), 'InvalidRequest 400'],
    ['that is one word', getObject({ Authorization: 'AWS4-HMAC-SHA256' }), 'InvalidArgument 400'],
    [
      'without Signature',
      getObject({ Authorization: 'AWS4-HMAC-SHA256 Credential=a,SignedHeaders=host' }),
      'AuthorizationHeaderMalformed 400',
    ],
    [
      'with unsorted SignedHeaders',
      getObject({ Authorization: authorization('range;host;x-amz-content-sha256;x-amz-date', GET_SIGNATURE) }),
      'AuthorizationHeaderMalformed 400',
    ],
    ['that is absent', getObject({ Authorization: undefined }), 'AccessDenied 403'],
  ])('%s', (_, request, expected) => {
    expect(verdict(request)).toBe(expected);
  });

  test('when a signed header comes twice', () => {
    const request = getObject();
    expect(verdict({ ...request, headers: [...request.headers, ['range', 'bytes=0-9']] })).toBe(
      'SignatureDoesNotMatch 403',
    );
  });

  test('when a second Authorization stands beside it', () => {
    const request = getObject();
    expect(verdict({ ...request, headers: [...request.headers, ['authorization', 'AWS4-HMAC-SHA256 x']] })).toBe(
      'InvalidArgument 400',
    );
  });

  test('when the query is signed too', () => {
    expect(verdict({ ...getObject(), rawQuery: 'X-Amz-Algorithm=AWS4-HMAC-SHA256' })).toBe('InvalidArgument 400');
  });

  test.each([
    ['20130523/us-east-1/s3/aws4_request', 'date'],
    ['20130524/us-east-2/s3/aws4_request', 'Region'],
    ['20130524/us-east-1/sqs/aws4_request', 'service'],
    ['20130524/us-east-1/s3/aws5_request', 'terminal'],
  ])('with scope %s (%s)', (scope) => {
    expect(verdict(getObject({ Authorization: authorization(GET_SIGNED, GET_SIGNATURE, scope) }))).toBe(
      'AuthorizationHeaderMalformed 400',
    );
  });

  test('when its clock is more than 15 minutes off, either way', () => {
    expect(verdict(getObject(), { now: NOW + 900_000 })).toBe('ok');
    expect(verdict(getObject(), { now: NOW + 901_000 })).toBe('RequestTimeTooSkewed 403');
    expect(verdict(getObject(), { now: NOW - 900_000 })).toBe('ok');
    expect(verdict(getObject(), { now: NOW - 901_000 })).toBe('RequestTimeTooSkewed 403');
  });

  test('by another service with the same key', () => {
    expect(verdict(getObject(), { service: 'sqs' })).toBe('AuthorizationHeaderMalformed 400');
  });

  test('names the headers that were not signed', () => {
    const result = verifySignature(getObject({ 'x-amz-acl': 'private', 'X-Amz-Meta-A': '1' }), context());
    expect(result).toMatchObject({
      message: 'There were headers present in the request which were not signed',
      details: { HeadersNotSigned: 'x-amz-acl, x-amz-meta-a' },
    });
  });

  test('while other unsigned headers pass', () => {
    expect(verdict(getObject({ 'Content-Type': 'text/plain', 'X-Amzn-Trace-Id': 'Root=1' }))).toBe('ok');
  });
});

describe('a presigned query is refused', () => {
  test.each([
    'X-Amz-Algorithm',
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ])('without %s', (name) => {
    expect(verdict(presignedGet({ [name]: undefined }))).toBe('AuthorizationQueryParametersError 400');
    expect(verdict(presignedGet({ [name]: '' }))).toBe('AuthorizationQueryParametersError 400');
  });

  test.each<[Record<string, string>, string]>([
    [{ 'X-Amz-Algorithm': 'AWS4-HMAC-SHA512' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Expires': '0' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Expires': '-5' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Expires': '1.5' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Expires': '604801' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Expires': '604800' }, 'SignatureDoesNotMatch 403'],
    [{ 'X-Amz-Date': '2013-05-24T00:00:00Z' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Date': '20130230T000000Z' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Date': '20130524T000001Z' }, 'SignatureDoesNotMatch 403'],
    [{ 'X-Amz-SignedHeaders': 'HOST' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-SignedHeaders': 'host%3Bhost' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-SignedHeaders': 'content-length' }, 'AccessDenied 403'],
    [{ 'X-Amz-Content-Sha256': EMPTY_SHA256 }, 'SignatureDoesNotMatch 403'],
    [{ 'X-Amz-Content-Sha256': 'none' }, 'AuthorizationQueryParametersError 400'],
    [{ 'X-Amz-Security-Token': 'x' }, 'InvalidToken 400'],
    [{ 'x-amz-extra': '1' }, 'SignatureDoesNotMatch 403'],
    [{ 'response-content-type': 'text/html' }, 'SignatureDoesNotMatch 403'],
    [{ 'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE' }, 'AuthorizationQueryParametersError 400'],
    [
      { 'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/eu-west-1/s3/aws4_request' },
      'AuthorizationQueryParametersError 400',
    ],
    [
      { 'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/sqs/aws4_request' },
      'AuthorizationQueryParametersError 400',
    ],
    [
      { 'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130523/us-east-1/s3/aws4_request' },
      'AuthorizationQueryParametersError 400',
    ],
    [{ 'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLF/20130524/us-east-1/s3/aws4_request' }, 'InvalidAccessKeyId 403'],
    [{ 'X-Amz-Credential': '%GG' }, 'InvalidURI 400'],
  ])('with %o: %s', (change, expected) => {
    expect(verdict(presignedGet(change))).toBe(expected);
  });

  test('with a parameter given twice', () => {
    const request = presignedGet();
    expect(verdict({ ...request, rawQuery: `${request.rawQuery}&X-Amz-Expires=86400` })).toBe(
      'AuthorizationQueryParametersError 400',
    );
  });

  test('with an unsigned x-amz header', () => {
    expect(verdict(presignedGet({}, [['x-amz-meta-a', '1']]))).toBe('AccessDenied 403');
  });

  test('after its life, not a second earlier', () => {
    expect(verdict(presignedGet(), { now: NOW + 86_400_000 })).toBe('ok');
    expect(verdict(presignedGet(), { now: NOW + 86_400_001 })).toBe('AccessDenied 403');
    expect(message(presignedGet(), { now: NOW + 86_400_001 })).toBe('Request has expired');
  });

  test('when it is dated more than 15 minutes ahead', () => {
    expect(verdict(presignedGet(), { now: NOW - 900_000 })).toBe('ok');
    expect(message(presignedGet(), { now: NOW - 900_001 })).toBe('Request is not yet valid');
  });

  test('when it is of the old signature version', () => {
    expect(
      verdict({ ...presignedGet(), rawQuery: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=c2ln&Expires=1' }),
    ).toBe('InvalidRequest 400');
  });
});

describe('a session token', () => {
  const temporary: Credential = { ...credential, sessionToken: 'token-1' };

  test('is required with the key it was issued with', () => {
    expect(verdict(presignedGet(), { find: () => temporary })).toBe('InvalidAccessKeyId 403');
  });

  test('is refused when it is another', () => {
    expect(verdict(presignedGet({ 'X-Amz-Security-Token': 'token-2' }), { find: () => temporary })).toBe(
      'InvalidToken 400',
    );
  });

  test('is part of what is signed', () => {
    expect(verdict(presignedGet({ 'X-Amz-Security-Token': 'token-1' }), { find: () => temporary })).toBe(
      'SignatureDoesNotMatch 403',
    );
  });

  test('ends when its credential ends', () => {
    expect(verdict(presignedGet(), { find: () => ({ ...credential, expiresAt: NOW + 1 }) })).toBe('ok');
    expect(verdict(presignedGet(), { find: () => ({ ...credential, expiresAt: NOW }) })).toBe('ExpiredToken 400');
  });
});
