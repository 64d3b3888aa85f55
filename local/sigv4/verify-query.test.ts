import { describe, expect, test } from 'vitest';
import type { Credential } from '../support/credentials.ts';
import { credential, EMPTY_SHA256, message, NOW, presignedGet, verdict } from './testing/examples.ts';

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
