import { describe, expect, it } from 'vitest';
import { grantDigest } from '../contract/grant.ts';
import { formatId } from '../contract/ids.ts';
import { encodeGrantMetadata, type GrantMetadata } from './grant-metadata.ts';
import { grantPut, type PutGrantRequest } from './put-grant.ts';
import { s3Endpoint } from './s3-endpoint.ts';

const OWNER = 'abcdefghijklmnopqrstuvwxyz234567';
/** SHA-256 of `test` and the same in base64. */
const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const SHA256_BASE64 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';
const PLAN = { kind: 'put', checksumMode: 'none', partSize: 0, size: 4 } as const;
const CONTENT = { name: 'a.txt', type: 'text/plain', sha256: SHA256, metadata: {} };

const GRANT: GrantMetadata = {
  ...CONTENT,
  size: 4,
  id: formatId({
    ...PLAN,
    region: 'euw1',
    ownerKey: OWNER,
    nonce: new Uint8Array(16),
    grantDigest: grantDigest({ ...PLAN, ...CONTENT }),
  }),
  createdAt: '2026-11-21T12:00:00.000Z',
};

const REQUEST: PutGrantRequest = {
  endpoint: s3Endpoint({ bucket: 'uploads', region: 'eu-west-1' }),
  region: 'eu-west-1',
  credentials: { accessKeyId: 'ASIAEXAMPLE', secretAccessKey: 'secret', sessionToken: 'token' },
  issuerId: 'acme',
  ownerKey: OWNER,
  grant: GRANT,
  now: Date.UTC(2026, 10, 21, 12),
  expiresIn: 900,
};

const queryOf = (url: string): URLSearchParams => new URL(url).searchParams;

describe('grantPut', () => {
  it('returns every header to send but host and content-length', () => {
    expect(grantPut(REQUEST).headers).toEqual({
      'content-type': 'text/plain',
      'if-none-match': '*',
      'x-amz-checksum-sha256': SHA256_BASE64,
      'x-amz-meta-nearput': encodeGrantMetadata(GRANT),
    });
  });

  it('signs exactly these, host and content-length', () => {
    expect(queryOf(grantPut(REQUEST).url).get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-checksum-sha256;x-amz-meta-nearput',
    );
  });

  it('has no checksum header when none was declared', () => {
    const { headers, url } = grantPut({ ...REQUEST, grant: { ...GRANT, sha256: null } });
    expect(headers).not.toHaveProperty('x-amz-checksum-sha256');
    expect(queryOf(url).get('X-Amz-SignedHeaders')).toBe(
      'content-length;content-type;host;if-none-match;x-amz-meta-nearput',
    );
  });

  it('leaves nothing in the query that S3 would ignore there', () => {
    expect([...queryOf(grantPut(REQUEST).url).keys()].sort()).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Security-Token',
      'X-Amz-Signature',
      'X-Amz-SignedHeaders',
    ]);
  });

  it('puts to the generated key', () => {
    const { method, url } = grantPut(REQUEST);
    expect(method).toBe('PUT');
    expect(url.split('?')[0]).toBe(`https://uploads.s3.eu-west-1.amazonaws.com/u/acme/${OWNER}/${GRANT.id}`);
  });

  it('says when it ends', () => {
    expect(grantPut(REQUEST).expiresAt).toBe('2026-11-21T12:15:00.000Z');
  });

  it('ends with the credentials, in the URL and in what it says', () => {
    const end = Date.UTC(2026, 10, 21, 12, 5);
    const { url, expiresAt } = grantPut({ ...REQUEST, credentials: { ...REQUEST.credentials, expiresAt: end } });
    expect(queryOf(url).get('X-Amz-Expires')).toBe('300');
    expect(expiresAt).toBe('2026-11-21T12:05:00.000Z');
  });

  it.each<[string, Partial<PutGrantRequest>]>([
    ['the owner', { ownerKey: 'b'.repeat(32) }],
    ['the issuer', { issuerId: 'globex' }],
    ['the size', { grant: { ...GRANT, size: 5 } }],
    ['the type', { grant: { ...GRANT, type: 'text/html' } }],
    ['the checksum', { grant: { ...GRANT, sha256: 'f'.repeat(64) } }],
    ['the name', { grant: { ...GRANT, name: 'b.txt' } }],
  ])('signs otherwise for another value of %s', (_, change) => {
    const signature = (request: PutGrantRequest) => queryOf(grantPut(request).url).get('X-Amz-Signature');
    expect(signature({ ...REQUEST, ...change })).not.toBe(signature(REQUEST));
  });

  it('takes an empty file', () => {
    expect(grantPut({ ...REQUEST, grant: { ...GRANT, size: 0 } }).url).toContain('content-length');
  });

  it('refuses more than a single PUT can carry', () => {
    expect(() => grantPut({ ...REQUEST, grant: { ...GRANT, size: 5_368_709_121 } })).toThrow(
      /at most 5368709120 bytes/,
    );
  });

  it.each([0, -5, 1.5, 59, 3_601])('refuses the expiry %s', (expiresIn) => {
    expect(() => grantPut({ ...REQUEST, expiresIn })).toThrow(/whole number of seconds from 60 to 3600/);
  });
});
