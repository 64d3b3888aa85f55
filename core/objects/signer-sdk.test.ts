import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl, S3RequestPresigner } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { presign } from './presign.ts';
import { parseEndpoint, s3Endpoint } from './s3-endpoint.ts';
import { signHeaders } from './sign-headers.ts';

/**
 * AWS's own signers judge ours, byte for byte over random input. Only one thing differs by choice: our signature is the
 * last parameter, as AWS's documentation prints it, and the SDK sorts it among the others.
 */

const REGIONS = [
  'us-east-1',
  'us-west-2',
  'eu-west-1',
  'eu-central-2',
  'ap-southeast-2',
  'sa-east-1',
  'il-central-1',
  'mx-central-1',
];
const DOT_SEGMENT = /(^|\/)\.\.?(\/|$)/;

const key = fc
  .string({
    unit: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(..."aZ09-_.~/ +%?#&=é日😀!'()*@:,;$") },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    ),
    minLength: 1,
    maxLength: 60,
  })
  .filter((text) => !DOT_SEGMENT.test(text));
const printable = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,60}$/);
const credentials = fc.record(
  {
    accessKeyId: fc.stringMatching(/^[A-Z0-9]{16,20}$/),
    secretAccessKey: fc.stringMatching(/^[A-Za-z0-9/+]{20,40}$/),
    sessionToken: fc.stringMatching(/^[A-Za-z0-9/+]{1,200}={0,2}$/),
  },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const region = fc.constantFrom(...REGIONS);
const now = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) });
const expiresIn = fc.integer({ min: 1, max: 604_800 });
const metadata = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_.-]{0,15}$/), printable, { maxKeys: 4 });
const place = fc.constantFrom(
  { bucket: 'uploads' },
  { bucket: 'up.loads' },
  { bucket: 'uploads', endpoint: 'http://127.0.0.1:9000' },
  { bucket: 'uploads', endpoint: 'https://s3.test/base' },
);
const common = { key, credentials, region, now, expiresIn, place };

const clientFor = (config: S3ClientConfig, { endpoint }: { endpoint?: string }): S3Client =>
  new S3Client({
    ...config,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });

const signatureLast = (url: string): string => {
  const [, parameter = ''] = /([?&]X-Amz-Signature=[0-9a-f]{64})/.exec(url) ?? [];
  return `${url.replace(parameter, '')}${parameter.replace('?', '&')}`;
};

/** What the SDK adds to every presigned URL; ours bears it only when told to. */
const sdkQuery = (operation: string) => ({ 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD', 'x-id': operation });

describe('presign', () => {
  it("gives getSignedUrl's URL for any PutObject with all its headers signed", async () => {
    const put = fc.record({
      ...common,
      length: fc.nat(5_368_709_120),
      type: printable,
      sha256: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
      metadata,
    });
    await fc.assert(
      fc.asyncProperty(put, async (input) => {
        const headers: Record<string, string> = {
          'content-length': String(input.length),
          'content-type': input.type,
          'if-none-match': '*',
          ...(input.sha256 && { 'x-amz-checksum-sha256': Buffer.from(input.sha256).toString('base64') }),
          ...Object.fromEntries(Object.entries(input.metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
        };
        const client = clientFor({ region: input.region, credentials: input.credentials }, input.place);
        const theirs = await getSignedUrl(
          client,
          new PutObjectCommand({
            Bucket: input.place.bucket,
            Key: input.key,
            ContentLength: input.length,
            ContentType: input.type,
            IfNoneMatch: '*',
            ...(input.sha256 && { ChecksumSHA256: Buffer.from(input.sha256).toString('base64') }),
            Metadata: input.metadata,
          }),
          {
            signingDate: new Date(input.now),
            expiresIn: input.expiresIn,
            unhoistableHeaders: new Set(Object.keys(headers)),
            signableHeaders: new Set(Object.keys(headers)),
          },
        );
        const ours = presign({
          ...input,
          method: 'PUT',
          endpoint: s3Endpoint({ ...input.place, region: input.region }),
          query: sdkQuery('PutObject'),
          headers,
        });
        expect(ours).toBe(signatureLast(theirs));
      }),
      { numRuns: budgetRuns(60) },
    );
  });

  it("gives getSignedUrl's URL for any GetObject with response overrides", async () => {
    const get = fc.record({
      ...common,
      disposition: key,
      type: key,
      versionId: fc.stringMatching(/^[A-Za-z0-9._-]{1,32}$/),
    });
    await fc.assert(
      fc.asyncProperty(get, async (input) => {
        const client = clientFor({ region: input.region, credentials: input.credentials }, input.place);
        const theirs = await getSignedUrl(
          client,
          new GetObjectCommand({
            Bucket: input.place.bucket,
            Key: input.key,
            VersionId: input.versionId,
            ResponseContentDisposition: input.disposition,
            ResponseContentType: input.type,
          }),
          { signingDate: new Date(input.now), expiresIn: input.expiresIn },
        );
        const ours = presign({
          ...input,
          method: 'GET',
          endpoint: s3Endpoint({ ...input.place, region: input.region }),
          query: {
            ...sdkQuery('GetObject'),
            versionId: input.versionId,
            'response-content-disposition': input.disposition,
            'response-content-type': input.type,
          },
        });
        expect(ours).toBe(signatureLast(theirs));
      }),
      { numRuns: budgetRuns(60) },
    );
  });

  it("gives getSignedUrl's URL for any UploadPart, whatever characters its upload id has", async () => {
    const part = fc.record({
      ...common,
      number: fc.integer({ min: 1, max: 10_000 }),
      uploadId: fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,128}$/),
    });
    await fc.assert(
      fc.asyncProperty(part, async (input) => {
        const client = clientFor({ region: input.region, credentials: input.credentials }, input.place);
        const theirs = await getSignedUrl(
          client,
          new UploadPartCommand({
            Bucket: input.place.bucket,
            Key: input.key,
            PartNumber: input.number,
            UploadId: input.uploadId,
            ContentLength: 5,
          }),
          { signingDate: new Date(input.now), expiresIn: input.expiresIn },
        );
        const ours = presign({
          ...input,
          method: 'PUT',
          endpoint: s3Endpoint({ ...input.place, region: input.region }),
          query: { ...sdkQuery('UploadPart'), partNumber: String(input.number), uploadId: input.uploadId },
          headers: { 'content-length': '5' },
        });
        expect(ours).toBe(signatureLast(theirs));
      }),
      { numRuns: budgetRuns(40) },
    );
  });

  it("gives S3RequestPresigner's signature for any signable headers and query", async () => {
    const raw = fc.record({
      credentials,
      region,
      now,
      expiresIn,
      method: fc.constantFrom('GET', 'HEAD', 'PUT', 'POST', 'DELETE'),
      headers: fc.dictionary(
        fc
          .stringMatching(/^[a-z][a-z0-9-]{0,20}$/)
          .filter((name) => !/^(host|date|authorization|x-amz-.*)$/.test(name)),
        fc.stringMatching(/^[\t\x20-\x7e]{0,40}$/),
        { maxKeys: 6 },
      ),
      // The SDK loses a parameter called __proto__ from the signature.
      query: fc.dictionary(
        key.filter((name) => name !== '__proto__'),
        key,
        { maxKeys: 6 },
      ),
    });
    const { sha256 } = clientFor({ region: 'eu-west-1' }, {}).config;
    await fc.assert(
      fc.asyncProperty(raw, async (input) => {
        const presigner = new S3RequestPresigner({ region: input.region, credentials: input.credentials, sha256 });
        const theirs = await presigner.presign(
          {
            method: input.method,
            protocol: 'https:',
            hostname: 's3.test',
            port: 9_000,
            path: '/bucket/a%20key',
            headers: { ...input.headers },
            query: { ...input.query },
          },
          {
            signingDate: new Date(input.now),
            expiresIn: input.expiresIn,
            signableHeaders: new Set(Object.keys(input.headers)),
          },
        );
        const ours = presign({
          ...input,
          endpoint: parseEndpoint('https://s3.test:9000/bucket'),
          key: 'a key',
          query: { ...input.query, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
        });
        expect(Object.fromEntries(new URL(ours).searchParams)).toEqual({ ...theirs.query });
      }),
      { numRuns: budgetRuns(300) },
    );
  });
});

describe('signHeaders', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  type Sent = {
    method: string;
    protocol: string;
    hostname: string;
    port?: number;
    path: string;
    query: Record<string, string>;
    headers: Record<string, string>;
    body?: string | Uint8Array;
  };

  /** A transport that keeps the signed request instead of sending it. */
  const createTransport = () => {
    const sent: Sent[] = [];
    const handle = (request: unknown): Promise<never> => {
      sent.push(request as Sent);
      return Promise.reject(new Error('not sent'));
    };
    return { requestHandler: { handle } as never, sent };
  };

  const OWN = ['host', 'authorization', 'x-amz-date', 'x-amz-security-token', 'x-amz-content-sha256'];
  /** What the SDK sends but does not sign. */
  const UNSIGNED = ['user-agent', 'x-amzn-trace-id'];

  const signAgain = (
    sent: Sent,
    input: {
      region: string;
      now: number;
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
    },
    service: 's3' | 'sqs',
  ) => {
    const port = sent.port === undefined ? '' : `:${sent.port}`;
    const query = new URLSearchParams(sent.query).toString();
    return signHeaders({
      method: sent.method as 'GET' | 'POST',
      url: `${sent.protocol}//${sent.hostname}${port}${sent.path}${query === '' ? '' : `?${query}`}`,
      headers: Object.fromEntries(
        Object.entries(sent.headers).filter(([name]) => !OWN.includes(name) && !UNSIGNED.includes(name)),
      ),
      ...(sent.body === undefined ? {} : { body: sent.body }),
      region: input.region,
      service,
      credentials: input.credentials,
      now: input.now,
    });
  };

  const signed = (sent: Sent) =>
    Object.fromEntries(Object.entries(sent.headers).filter(([name]) => !UNSIGNED.includes(name)));

  it("gives SQSClient's headers for any message", async () => {
    const message = fc.record({
      credentials,
      region,
      now,
      body: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
      path: fc.constantFrom('', '/', '/base/path', '/a b'),
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(message, async (input) => {
        vi.setSystemTime(input.now);
        const { requestHandler, sent } = createTransport();
        const client = new SQSClient({
          region: input.region,
          credentials: input.credentials,
          endpoint: `http://127.0.0.1:9324${encodeURI(input.path)}`,
          requestHandler,
          maxAttempts: 1,
        });
        const command = new SendMessageCommand({
          QueueUrl: 'http://127.0.0.1:9324/000000000000/q',
          MessageBody: input.body,
        });
        await expect(client.send(command)).rejects.toThrow('not sent');
        const [request] = sent;
        if (request === undefined) throw new Error('the SDK sent nothing');
        expect(signAgain(request, input, 'sqs')).toEqual(signed(request));
      }),
      { numRuns: budgetRuns(60) },
    );
  });

  it("gives S3Client's headers for any GetObject", async () => {
    const get = fc.record({
      ...common,
      range: fc.option(
        fc.nat().map((n) => `bytes=${n}-`),
        { nil: undefined },
      ),
      versionId: fc.option(key, { nil: undefined }),
    });
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(get, async (input) => {
        vi.setSystemTime(input.now);
        const { requestHandler, sent } = createTransport();
        const client = clientFor(
          { region: input.region, credentials: input.credentials, requestHandler, maxAttempts: 1 },
          input.place,
        );
        const command = new GetObjectCommand({
          Bucket: input.place.bucket,
          Key: input.key,
          ...(input.range && { Range: input.range }),
          ...(input.versionId && { VersionId: input.versionId }),
        });
        await expect(client.send(command)).rejects.toThrow('not sent');
        const [request] = sent;
        if (request === undefined) throw new Error('the SDK sent nothing');
        expect(signAgain(request, input, 's3')).toEqual(signed(request));
      }),
      { numRuns: budgetRuns(60) },
    );
  });
});
