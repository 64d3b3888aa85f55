import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { type FormGrantRequest, grantForm } from './form-grant.ts';
import { encodeGrantMetadata } from './grant-metadata.ts';
import { CONTEXT, metadataFor, OWNER, SHA256, SHA256_BASE64 } from './grants.fixture.ts';
import { s3Endpoint } from './s3-endpoint.ts';
import { createSigningKeys, signature } from './signing-key.ts';

const GRANT = metadataFor({ kind: 'form', size: 4 });
const REQUEST: FormGrantRequest = { ...CONTEXT, bucket: 'uploads', grant: GRANT, expiresIn: 300 };

type Policy = { expiration: string; conditions: (Record<string, string> | unknown[])[] };

const policyOf = (fields: Readonly<Record<string, string>>): Policy =>
  JSON.parse(Buffer.from(fields['policy'] ?? '', 'base64').toString('utf8')) as Policy;

describe('grantForm', () => {
  it('posts to the bucket', () => {
    expect(grantForm(REQUEST).url).toBe('https://uploads.s3.eu-west-1.amazonaws.com/');
    const endpoint = s3Endpoint({ bucket: 'uploads', region: 'eu-west-1', endpoint: 'http://127.0.0.1:9000' });
    expect(grantForm({ ...REQUEST, endpoint }).url).toBe('http://127.0.0.1:9000/uploads');
  });

  it('gives every field to send before the file', () => {
    const { fields } = grantForm(REQUEST);
    expect(fields).toEqual({
      key: `u/acme/${OWNER}/${GRANT.id}`,
      'Content-Type': 'text/plain',
      'x-amz-meta-nearput': encodeGrantMetadata(GRANT),
      success_action_status: '201',
      'x-amz-algorithm': 'AWS4-HMAC-SHA256',
      'x-amz-credential': 'ASIAEXAMPLE/20261121/eu-west-1/s3/aws4_request',
      'x-amz-date': '20261121T120000Z',
      'x-amz-security-token': 'to/ken+=',
      policy: expect.stringMatching(/^[A-Za-z0-9+/]+=*$/),
      'x-amz-signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it('binds bucket, length and each of these fields exactly, and nothing else', () => {
    const { fields } = grantForm(REQUEST);
    expect(policyOf(fields)).toEqual({
      expiration: '2026-11-21T12:05:00.000Z',
      conditions: [
        { bucket: 'uploads' },
        ['content-length-range', 4, 4],
        { key: `u/acme/${OWNER}/${GRANT.id}` },
        { 'Content-Type': 'text/plain' },
        { 'x-amz-meta-nearput': encodeGrantMetadata(GRANT) },
        { success_action_status: '201' },
        { 'x-amz-algorithm': 'AWS4-HMAC-SHA256' },
        { 'x-amz-credential': 'ASIAEXAMPLE/20261121/eu-west-1/s3/aws4_request' },
        { 'x-amz-date': '20261121T120000Z' },
        { 'x-amz-security-token': 'to/ken+=' },
      ],
    });
  });

  it('binds a declared SHA-256 and its algorithm', () => {
    const { fields } = grantForm({ ...REQUEST, grant: metadataFor({ kind: 'form', size: 4, sha256: SHA256 }) });
    const declared = { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': SHA256_BASE64 };
    expect(fields).toMatchObject(declared);
    for (const [name, value] of Object.entries(declared)) {
      expect(policyOf(fields).conditions).toContainEqual({ [name]: value });
    }
  });

  it('has no session token for credentials that have none', () => {
    const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' };
    expect(grantForm({ ...REQUEST, credentials }).fields).not.toHaveProperty('x-amz-security-token');
  });

  it('signs the policy with a key derived step by step', () => {
    const { fields } = grantForm(REQUEST);
    const step = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
    const key = step(step(step(step('AWS4secret', '20261121'), 'eu-west-1'), 's3'), 'aws4_request');
    expect(fields['x-amz-signature']).toBe(step(key, fields['policy'] ?? '').toString('hex'));
  });

  it('says when it ends, which is when its policy ends', () => {
    expect(grantForm({ ...REQUEST, expiresIn: 60 }).expiresAt).toBe('2026-11-21T12:01:00.000Z');
  });

  it('ends with the credentials', () => {
    const credentials = { ...CONTEXT.credentials, expiresAt: Date.UTC(2026, 10, 21, 12, 2) };
    const { fields, expiresAt } = grantForm({ ...REQUEST, credentials });
    expect([expiresAt, policyOf(fields).expiration]).toEqual(['2026-11-21T12:02:00.000Z', '2026-11-21T12:02:00.000Z']);
  });

  it.each([0, -5, 1.5, 59, 301, 900])('refuses the expiry %s', (expiresIn) => {
    expect(() => grantForm({ ...REQUEST, expiresIn })).toThrow(/whole number of seconds from 60 to 300/);
  });

  it('takes an empty file and refuses more than a single POST can carry', () => {
    const ofSize = (size: number) => grantForm({ ...REQUEST, grant: metadataFor({ kind: 'form', size }) });
    expect(policyOf(ofSize(0).fields).conditions).toContainEqual(['content-length-range', 0, 0]);
    expect(policyOf(ofSize(5_368_709_120).fields).conditions).toContainEqual([
      'content-length-range',
      5_368_709_120,
      5_368_709_120,
    ]);
    expect(() => ofSize(5_368_709_121)).toThrow(/at most 5368709120 bytes/);
  });

  it.each(['text/plain; x="$\u007bfilename}"', 'text/plän', ''])(
    'refuses the type %j, which S3 would change',
    (type) => {
      const grant = { ...GRANT, type };
      expect(() => grantForm({ ...REQUEST, grant })).toThrow(/cannot stand in a form/);
    },
  );

  it('writes a dollar sign as its escape, which reads as the same', () => {
    const { fields } = grantForm({ ...REQUEST, grant: metadataFor({ kind: 'form', size: 4, type: 'a/$b' }) });
    const text = Buffer.from(fields['policy'] ?? '', 'base64').toString('utf8');
    expect(text).toContain('"a/\\u0024b"');
    expect(policyOf(fields).conditions).toContainEqual({ 'Content-Type': 'a/$b' });
  });

  it('covers every field of any grant with one exact condition, and begins or expands nothing', () => {
    const grants = fc.record({
      size: fc.nat(5_368_709_120),
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
      type: fc.stringMatching(/^[!-~][ -~]{0,40}$/),
      sha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
      metadata: fc.dictionary(
        fc.string({ unit: 'binary', maxLength: 8 }),
        fc.string({ unit: 'binary', maxLength: 20 }),
      ),
    });
    fc.assert(
      fc.property(grants, (grant) => {
        fc.pre(!grant.type.includes('$\u007bfilename}'));
        const { fields } = grantForm({ ...REQUEST, grant: metadataFor({ kind: 'form', ...grant }) });
        const { conditions } = policyOf(fields);
        const { policy, 'x-amz-signature': proof, ...bound } = fields;
        expect([policy, proof].every((value) => typeof value === 'string')).toBe(true);
        expect(conditions.filter(Array.isArray)).toEqual([['content-length-range', grant.size, grant.size]]);
        expect(Object.assign({}, ...conditions.filter((one) => !Array.isArray(one)))).toEqual({
          bucket: 'uploads',
          ...bound,
        });
        expect(Buffer.from(policy ?? '', 'base64').toString('latin1')).not.toMatch(/\$|starts-with/);
      }),
      { numRuns: budgetRuns(300) },
    );
  });
});

describe('the signature of a policy', () => {
  it("is that of AWS's published example", () => {
    // "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)", Amazon S3 API.
    const policy =
      'eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9';
    const credentials = {
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    };
    const key = createSigningKeys()(credentials, '20151229', 'us-east-1', 's3');
    expect(signature(key, policy)).toBe('8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e');
  });
});
