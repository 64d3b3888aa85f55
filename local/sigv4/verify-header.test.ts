import { describe, expect, test } from 'vitest';
import type { SignedRequest } from './request.ts';
import {
  authorization,
  context,
  EMPTY_SHA256,
  GET_SIGNATURE,
  GET_SIGNED,
  getObject,
  NOW,
  verdict,
} from './testing/examples.ts';
import { verifySignature } from './verify.ts';

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
