import { describe, expect, it } from 'vitest';
import { type PresignRequest, presign } from './presign.ts';
import { parseEndpoint } from './s3-endpoint.ts';
import { createSigningKeys } from './signing-key.ts';

/** The example of "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API Reference. */
const PUBLISHED: PresignRequest = {
  method: 'GET',
  endpoint: parseEndpoint('https://examplebucket.s3.amazonaws.com'),
  key: 'test.txt',
  region: 'us-east-1',
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  now: Date.UTC(2013, 4, 24),
  expiresIn: 86_400,
};

const signatureOf = (url: string): string | null => new URL(url).searchParams.get('X-Amz-Signature');

describe('presign', () => {
  it('gives the published URL', () => {
    expect(presign(PUBLISHED)).toBe(
      'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    );
  });

  it.each<[string, Partial<PresignRequest>]>([
    ['method', { method: 'PUT' }],
    ['host', { endpoint: parseEndpoint('https://examplebucket.s3.us-east-1.amazonaws.com') }],
    ['path before the key', { endpoint: parseEndpoint('https://examplebucket.s3.amazonaws.com/base') }],
    ['key', { key: 'test.txt ' }],
    ['query', { query: { versionId: 'v' } }],
    ['header', { headers: { range: 'bytes=0-9' } }],
    ['Region', { region: 'us-east-2' }],
    ['access key id', { credentials: { ...PUBLISHED.credentials, accessKeyId: 'AKIDOTHER' } }],
    ['secret', { credentials: { ...PUBLISHED.credentials, secretAccessKey: 'other' } }],
    ['session token', { credentials: { ...PUBLISHED.credentials, sessionToken: 'token' } }],
    ['time', { now: Date.UTC(2013, 4, 24, 0, 0, 1) }],
    ['expiry', { expiresIn: 86_399 }],
  ])('binds the %s', (_, change) => {
    const other = presign({ ...PUBLISHED, ...change });
    expect(signatureOf(other)).toMatch(/^[0-9a-f]{64}$/);
    expect(signatureOf(other)).not.toBe(signatureOf(presign(PUBLISHED)));
  });

  it('binds the value of a header, not only its name', () => {
    const at = (value: string) => signatureOf(presign({ ...PUBLISHED, headers: { 'content-length': value } }));
    expect(at('4')).not.toBe(at('5'));
  });

  it('puts the session token into the query, encoded', () => {
    const url = presign({ ...PUBLISHED, credentials: { ...PUBLISHED.credentials, sessionToken: 'a+b/c=' } });
    expect(url).toContain('&X-Amz-Security-Token=a%2Bb%2Fc%3D&');
  });

  it('takes an empty session token for none, as a Lambda without one shows it', () => {
    const url = presign({ ...PUBLISHED, credentials: { ...PUBLISHED.credentials, sessionToken: '' } });
    expect(url).toBe(presign(PUBLISHED));
  });

  it('signs the same with a cold and a warm key', () => {
    const keys = createSigningKeys();
    expect(presign(PUBLISHED, keys)).toBe(presign(PUBLISHED, keys));
  });

  it.each([0, -5, 1.5, 604_801, Number.NaN, Number.POSITIVE_INFINITY])('refuses the expiry %s', (expiresIn) => {
    expect(() => presign({ ...PUBLISHED, expiresIn })).toThrow(/whole number of seconds from 1 to 604800/);
  });

  it.each([1, 604_800])('takes the expiry %s', (expiresIn) => {
    expect(presign({ ...PUBLISHED, expiresIn })).toContain(`X-Amz-Expires=${expiresIn}&`);
  });

  it.each(['X-Amz-Signature', 'x-amz-expires', 'X-Amz-Security-Token'])(
    'refuses the query parameter %s, which is its own',
    (name) => {
      expect(() => presign({ ...PUBLISHED, query: { [name]: 'x' } })).toThrow(TypeError);
    },
  );

  it("does not let a header given as host replace the endpoint's", () => {
    expect(presign({ ...PUBLISHED, headers: { host: 'evil.test' } })).toBe(presign(PUBLISHED));
  });
});
