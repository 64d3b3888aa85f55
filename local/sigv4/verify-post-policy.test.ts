import { describe, expect, test } from 'vitest';
import { context, credential } from './testing/examples.ts';
import { verifyPostPolicy } from './verify-post-policy.ts';

/** AWS's own example: "Example: browser-based upload using HTTP POST (using AWS Signature Version 4)", Amazon S3 API reference. */
const POLICY =
  'eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9';
const FIELDS = {
  policy: POLICY,
  'x-amz-algorithm': 'AWS4-HMAC-SHA256',
  'x-amz-credential': 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request',
  'x-amz-date': '20151229T000000Z',
  'x-amz-signature': '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e',
};
const NOW = Date.parse('2015-12-29T06:00:00Z');
const verify = (change: Readonly<Record<string, string | undefined>> = {}, find?: Parameters<typeof context>[0]) => {
  const fields = Object.entries({ ...FIELDS, ...change }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return verifyPostPolicy(new Map(fields), context({ now: NOW, ...find }));
};

describe('a signed policy', () => {
  test('of AWS’s own example fits', () => {
    expect(verify()).toMatchObject({ ok: true, credential, via: 'form' });
  });

  test.each([
    ['one bit of the policy', { policy: POLICY.replace('eyAi', 'eyAj') }, 'SignatureDoesNotMatch'],
    [
      'one digit of the signature',
      { 'x-amz-signature': FIELDS['x-amz-signature'].replace(/^8/, '9') },
      'SignatureDoesNotMatch',
    ],
    [
      'the signature in capitals',
      { 'x-amz-signature': FIELDS['x-amz-signature'].toUpperCase() },
      'SignatureDoesNotMatch',
    ],
    [
      'the access key',
      { 'x-amz-credential': FIELDS['x-amz-credential'].replace('AKIA', 'AKIB') },
      'InvalidAccessKeyId',
    ],
    [
      'the day of the scope',
      { 'x-amz-credential': FIELDS['x-amz-credential'].replace('1229', '1228') },
      'InvalidArgument',
    ],
    [
      'the Region',
      { 'x-amz-credential': FIELDS['x-amz-credential'].replace('us-east-1', 'eu-west-1') },
      'InvalidArgument',
    ],
    ['the service', { 'x-amz-credential': FIELDS['x-amz-credential'].replace('/s3/', '/sqs/') }, 'InvalidArgument'],
    [
      'the end of the scope',
      { 'x-amz-credential': FIELDS['x-amz-credential'].replace('aws4_request', 'aws5') },
      'InvalidArgument',
    ],
    ['the form of the date', { 'x-amz-date': '2015-12-29T00:00:00Z' }, 'InvalidArgument'],
    ['the algorithm', { 'x-amz-algorithm': 'AWS4-HMAC-SHA1' }, 'InvalidArgument'],
    ['a session token', { 'x-amz-security-token': 'made-up' }, 'InvalidToken'],
  ])('with %s changed does not', (_, change, code) => {
    expect(verify(change)).toMatchObject({ ok: false, code });
  });

  test.each(Object.keys(FIELDS))('without %s is InvalidArgument, naming it', (name) => {
    expect(verify({ [name]: undefined })).toMatchObject({ code: 'InvalidArgument', details: { ArgumentName: name } });
  });

  test('that is not there at all is AccessDenied', () => {
    expect(verifyPostPolicy(new Map([['key', 'k']]), context({ now: NOW }))).toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
  });

  test('by temporary keys needs their token, and ends with them', () => {
    const temporary = { ...credential, sessionToken: 'the token', expiresAt: NOW + 1 };
    const find = { find: () => temporary };
    const token = { 'x-amz-security-token': 'the token' };
    expect(verify(token, find)).toMatchObject({ ok: true });
    expect(verify({}, find)).toMatchObject({ code: 'InvalidAccessKeyId' });
    expect(verify({ 'x-amz-security-token': 'the taken' }, find)).toMatchObject({ code: 'InvalidToken' });
    expect(verify(token, { ...find, now: NOW + 1 })).toMatchObject({ code: 'ExpiredToken', status: 400 });
  });
});
