import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presign } from '../../core/objects/presign.ts';
import { parseEndpoint, s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import { signHeaders } from '../../core/objects/sign-headers.ts';
import { verifySignature } from '../../local/sigv4/verify.ts';
import { verifyPostPolicy } from '../../local/sigv4/verify-post-policy.ts';
import type { Credential } from '../../local/support/credentials.ts';
import { budgetRuns } from '../support/budget.ts';
import type { WireRequest } from '../support/wire.ts';
import { formFor } from './granted-form.fixture.ts';
import { grantFor, LIES, requestFor } from './granted-put.fixture.ts';

/** The signer and the local S3's verifier share no code; here they have to agree, in what they accept and what they refuse. */

const REGION = 'eu-west-1';
const NOW = Date.UTC(2026, 10, 21, 12, 0, 7);
const CREDENTIAL: Credential = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'se/cr+et',
  sessionToken: 'IQoJ//token+with=signs',
  role: 'gate',
  statements: [],
  expiresAt: null,
};
const identityOf = ({ accessKeyId, secretAccessKey, sessionToken }: Credential) => ({
  accessKeyId,
  secretAccessKey,
  sessionToken: sessionToken ?? undefined,
});

const verify = (
  request: Omit<WireRequest, 'body'>,
  { credential = CREDENTIAL, now = NOW, region = REGION, service = 's3' } = {},
) => {
  const [, rawPath = '', rawQuery = ''] = /^https?:\/\/[^/]+([^?]*)\??(.*)$/.exec(request.url) ?? [];
  return verifySignature(
    { method: request.method, rawPath, rawQuery, headers: Object.entries(request.headers) },
    { find: (id) => (id === credential.accessKeyId ? credential : undefined), now, region, service },
  );
};

const BODY = Buffer.from('test');
const ENDPOINT = s3Endpoint({ bucket: 'uploads', region: REGION, endpoint: 'http://127.0.0.1:9000' });
const GRANT = grantFor({
  endpoint: ENDPOINT,
  region: REGION,
  credentials: identityOf(CREDENTIAL),
  now: NOW,
  size: BODY.length,
  sha256: createHash('sha256').update(BODY).digest('hex'),
});
const REQUEST = requestFor(GRANT, BODY);

/** Lies the signature does not see, because they are in the body alone: the checksum header catches them. */
const IN_THE_BODY = ['other bytes of the same length'];

describe('a granted PUT', () => {
  it('is accepted, with everything signed that was granted', () => {
    const verdict = verify(REQUEST);
    expect(verdict).toMatchObject({ ok: true, via: 'query', payloadHash: 'UNSIGNED-PAYLOAD' });
    expect(verdict.ok && [...verdict.signedHeaders]).toEqual([
      'content-length',
      'content-type',
      'host',
      'if-none-match',
      'x-amz-checksum-sha256',
      'x-amz-meta-nearput',
    ]);
  });

  it.each(LIES.filter(([lie]) => !IN_THE_BODY.includes(lie)))('is refused with %s', (_, tell) => {
    expect(verify(tell(REQUEST))).toMatchObject({ ok: false });
  });

  it.each<[string, WireRequest]>([
    ['another host', { ...REQUEST, headers: { ...REQUEST.headers, host: '127.0.0.1:9001' } }],
    ['another session token', { ...REQUEST, url: REQUEST.url.replace('IQoJ', 'IQoK') }],
    ['no session token', { ...REQUEST, url: REQUEST.url.replace(/&X-Amz-Security-Token=[^&]+/, '') }],
  ])('is refused with %s', (_, request) => {
    expect(verify(request)).toMatchObject({ ok: false });
  });

  it('is accepted in its last second and refused in the next', () => {
    const end = Date.parse(GRANT.expiresAt);
    expect(verify(REQUEST, { now: end })).toMatchObject({ ok: true });
    expect(verify(REQUEST, { now: end + 1 })).toMatchObject({ ok: false, message: 'Request has expired' });
  });

  it('is refused in another Region', () => {
    expect(verify(REQUEST, { region: 'us-east-1' })).toMatchObject({ ok: false });
  });
});

describe('a granted form', () => {
  const form = formFor({
    endpoint: ENDPOINT,
    bucket: 'uploads',
    region: REGION,
    credentials: identityOf(CREDENTIAL),
    now: NOW,
    size: BODY.length,
  });
  const verifyForm = (fields: Readonly<Record<string, string>>, { now = NOW, region = REGION } = {}) =>
    verifyPostPolicy(new Map(Object.entries(fields)), {
      find: (id) => (id === CREDENTIAL.accessKeyId ? CREDENTIAL : undefined),
      now,
      region,
      service: 's3',
    });

  it('is accepted', () => {
    expect(verifyForm(form.fields)).toMatchObject({ ok: true, via: 'form', credential: CREDENTIAL });
  });

  it.each([
    ['policy', 'e30='],
    ['x-amz-signature', '0'.repeat(64)],
    ['x-amz-credential', `Z${form.fields['x-amz-credential']}`],
    ['x-amz-date', '20261120T120007Z'],
    ['x-amz-security-token', 'another'],
  ])('is refused with another %s', (name, value) => {
    expect(verifyForm({ ...form.fields, [name]: value })).toMatchObject({ ok: false });
  });

  it.each(['policy', 'x-amz-signature', 'x-amz-credential', 'x-amz-date', 'x-amz-security-token', 'x-amz-algorithm'])(
    'is refused without %s',
    (name) => {
      const fields = Object.fromEntries(Object.entries(form.fields).filter(([own]) => own !== name));
      expect(verifyForm(fields)).toMatchObject({ ok: false });
    },
  );

  it('is refused in another Region', () => {
    expect(verifyForm(form.fields, { region: 'us-east-1' })).toMatchObject({ ok: false });
  });
});

const credential = fc.record({
  accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
  secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{20,40}$/),
  sessionToken: fc.option(fc.stringMatching(/^[A-Za-z0-9/+]{1,200}={0,2}$/)),
});
const moment = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2090, 0, 1) });
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 });
const key = text.filter((candidate) => !/(^|\/)\.\.?(\/|$)/.test(candidate));

describe('over random input, the verifier accepts', () => {
  it('every grant', () => {
    const input = fc.record({
      identity: credential,
      now: moment,
      name: text,
      size: fc.nat(5_368_709_120),
      sha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
      metadata: fc.dictionary(text, text, { maxKeys: 3 }),
      type: fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,40}$/),
    });
    fc.assert(
      fc.property(input, ({ identity, ...wanted }) => {
        const known = { ...CREDENTIAL, ...identity };
        const grant = grantFor({ ...wanted, endpoint: ENDPOINT, region: REGION, credentials: identityOf(known) });
        const headers = { ...grant.headers, host: ENDPOINT.host, 'content-length': String(wanted.size) };
        expect(
          verify({ method: 'PUT', url: grant.url, headers }, { credential: known, now: wanted.now }),
        ).toMatchObject({
          ok: true,
        });
      }),
      { numRuns: budgetRuns(200) },
    );
  });

  it('every form', () => {
    const input = fc.record({
      identity: credential,
      now: moment,
      name: text,
      size: fc.nat(5_368_709_120),
      sha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/)),
      metadata: fc.dictionary(text, text, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(input, ({ identity, ...wanted }) => {
        const known = { ...CREDENTIAL, ...identity };
        const place = { endpoint: ENDPOINT, bucket: 'uploads', region: REGION };
        const { fields } = formFor({ ...wanted, ...place, credentials: identityOf(known) });
        const context = { find: () => known, now: wanted.now, region: REGION, service: 's3' };
        expect(verifyPostPolicy(new Map(Object.entries(fields)), context)).toMatchObject({ ok: true });
      }),
      { numRuns: budgetRuns(200) },
    );
  });

  it('every presigned key and query, and not the same with one character of the key changed', () => {
    const input = fc.record({
      identity: credential,
      now: moment,
      key,
      other: key,
      query: fc.dictionary(text, text, { maxKeys: 4 }),
    });
    fc.assert(
      fc.property(input, ({ identity, other, ...wanted }) => {
        const known = { ...CREDENTIAL, ...identity };
        const sign = (which: string) =>
          presign({
            ...wanted,
            key: which,
            method: 'GET',
            endpoint: parseEndpoint('http://127.0.0.1:9000/uploads'),
            region: REGION,
            credentials: identityOf(known),
            expiresIn: 60,
          });
        const request = { method: 'GET', url: sign(wanted.key), headers: { host: '127.0.0.1:9000' } };
        const context = { credential: known, now: wanted.now };
        expect(verify(request, context)).toMatchObject({ ok: true });
        fc.pre(other !== wanted.key);
        const moved = sign(other).replace(/\?.*$/, request.url.slice(request.url.indexOf('?')));
        expect(verify({ ...request, url: moved }, context)).toMatchObject({ ok: false });
      }),
      { numRuns: budgetRuns(200) },
    );
  });

  it.each(['s3', 'sqs'] as const)('every signed header of %s', (service) => {
    const input = fc.record({
      identity: credential,
      now: moment,
      body: text,
      path: fc.constantFrom('/', '/a%20b/c', '/000000000000/queue.fifo'),
      query: fc.dictionary(text, text, { maxKeys: 3 }),
    });
    fc.assert(
      fc.property(input, ({ identity, now, body, path, query }) => {
        const known = { ...CREDENTIAL, ...identity };
        const url = `http://127.0.0.1:9324${path}?${new URLSearchParams(Object.entries(query))}`;
        const headers = signHeaders({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage' },
          body,
          region: REGION,
          service,
          credentials: identityOf(known),
          now,
        });
        expect(verify({ method: 'POST', url, headers }, { credential: known, now, service })).toMatchObject({
          ok: true,
          via: 'header',
          payloadHash: createHash('sha256').update(body).digest('hex'),
        });
      }),
      { numRuns: budgetRuns(200) },
    );
  });
});
