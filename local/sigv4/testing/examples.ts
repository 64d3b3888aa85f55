import type { Credential } from '../../support/credentials.ts';
import type { SignedRequest } from '../request.ts';
import { type VerifyContext, verifySignature } from '../verify.ts';

/** Keys, moment and signatures are AWS's own: "Signature calculations for the Authorization header" and "Authenticating requests: using query parameters", Amazon S3 API reference. */
export const credential: Credential = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  sessionToken: null,
  role: 'example',
  statements: [],
  expiresAt: null,
};
export const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
export const NOW = Date.parse('2013-05-24T00:00:00Z');

export const context = (change: Partial<VerifyContext> = {}): VerifyContext => ({
  find: (id) => (id === credential.accessKeyId ? credential : undefined),
  now: NOW,
  region: 'us-east-1',
  service: 's3',
  ...change,
});

export const authorization = (
  signedHeaders: string,
  signature: string,
  scope = '20130524/us-east-1/s3/aws4_request',
): string =>
  `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;

export const GET_SIGNED = 'host;range;x-amz-content-sha256;x-amz-date';
export const GET_SIGNATURE = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';

/** GET Object, with the headers in `change` replaced (undefined: left out). */
export function getObject(change: Record<string, string | undefined> = {}): SignedRequest {
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

export function presignedGet(
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
export function verdict(request: SignedRequest, change: Partial<VerifyContext> = {}): string {
  const result = verifySignature(request, context(change));
  return result.ok ? 'ok' : `${result.code} ${result.status}`;
}

export function message(request: SignedRequest, change: Partial<VerifyContext> = {}): string {
  const result = verifySignature(request, context(change));
  return result.ok ? 'ok' : result.message;
}
