import { CreateMultipartUploadCommand, ListMultipartUploadsCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { createMultipart } from './create-multipart.ts';
import { encodeGrantMetadata } from './grant-metadata.ts';
import { metadataFor, OWNER } from './grants.fixture.ts';
import { listMultiparts } from './list-multiparts.ts';
import { grantParts } from './part-grants.ts';
import { s3Endpoint } from './s3-endpoint.ts';
import { clientFor, common } from './sdk-inputs.fixture.ts';

/** AWS's own client judges what is asked of S3 for an upload in parts, byte for byte over random input. */

const MIB = 1_048_576;
/** What the SDK sends but does not sign. */
const UNSIGNED = ['user-agent', 'x-amzn-trace-id', 'content-length'];
/** What it says of itself, and would sign. */
const TELEMETRY = ['amz-sdk-invocation-id', 'amz-sdk-request', 'x-amz-user-agent'];

type Sent = { method: string; path: string; query: Record<string, string>; headers: Record<string, string> };

const withoutTelemetry =
  (next: (args: { request: Sent }) => unknown) =>
  (args: { request: Sent }): unknown => {
    for (const name of TELEMETRY) delete args.request.headers[name];
    return next(args);
  };

/** The request that the SDK signs for a command, instead of sending it. */
const sentFor = async (
  input: { region: string; credentials: object; place: { bucket: string; endpoint?: string } },
  command: CreateMultipartUploadCommand | ListMultipartUploadsCommand,
): Promise<Sent> => {
  const sent: Sent[] = [];
  const handle = (request: unknown): Promise<never> => {
    sent.push(request as Sent);
    return Promise.reject(new Error('not sent'));
  };
  const client = clientFor(
    {
      region: input.region,
      credentials: input.credentials as never,
      requestHandler: { handle } as never,
      maxAttempts: 1,
    },
    input.place,
  );
  client.middlewareStack.addRelativeTo(withoutTelemetry as never, {
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  });
  await expect(client.send(command as CreateMultipartUploadCommand)).rejects.toThrow('not sent');
  const [request] = sent;
  if (request === undefined) throw new Error('the SDK sent nothing');
  const headers = Object.entries(request.headers).filter(([name]) => !UNSIGNED.includes(name));
  return { ...request, headers: Object.fromEntries(headers) };
};

const { key: _, ...identities } = common;
const uploads = fc.record({
  ...identities,
  size: fc.integer({ min: 0, max: 80_000 * MIB }),
  checksumMode: fc.constantFrom('none' as const, 'sha256' as const),
  type: fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/),
});

const contextOf = (input: { region: string; credentials: never; now: number; place: { bucket: string } }) => ({
  endpoint: s3Endpoint({ ...input.place, region: input.region }),
  region: input.region,
  credentials: input.credentials,
  issuerId: 'acme',
  ownerKey: OWNER,
  now: input.now,
});

describe('multipart uploads', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are created with S3Client's headers", async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(uploads, async (input) => {
        vi.setSystemTime(input.now);
        const grant = metadataFor({ kind: 'multipart', partSize: 8 * MIB, ...input });
        const ours = createMultipart({ ...contextOf(input as never), grant, checksumMode: input.checksumMode });
        const sums = input.checksumMode === 'sha256';
        const theirs = await sentFor(
          input,
          new CreateMultipartUploadCommand({
            Bucket: input.place.bucket,
            Key: `u/acme/${OWNER}/${grant.id}`,
            ContentType: input.type,
            Metadata: { nearput: encodeGrantMetadata(grant) },
            ChecksumAlgorithm: sums ? 'SHA256' : 'CRC64NVME',
            ChecksumType: sums ? 'COMPOSITE' : 'FULL_OBJECT',
          }),
        );
        expect(ours.headers).toEqual(theirs.headers);
        expect([ours.method, new URL(ours.url).pathname, new URL(ours.url).search]).toEqual([
          theirs.method,
          theirs.path,
          '?uploads=',
        ]);
      }),
      { numRuns: budgetRuns(40) },
    );
  });

  it("are found with S3Client's headers", async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    await fc.assert(
      fc.asyncProperty(uploads, async (drawn) => {
        // Addressed by path, a bucket has a slash at its end in the SDK's URLs and none in ours; S3 takes both.
        const input = { ...drawn, place: { bucket: 'uploads' } };
        vi.setSystemTime(input.now);
        const { id } = metadataFor({ kind: 'multipart', partSize: 8 * MIB, ...input });
        const ours = listMultiparts({ ...contextOf(input as never), id });
        const theirs = await sentFor(
          input,
          new ListMultipartUploadsCommand({
            Bucket: input.place.bucket,
            Prefix: `u/acme/${OWNER}/${id}`,
            MaxUploads: 10,
          }),
        );
        expect(ours.headers).toEqual(theirs.headers);
        expect(Object.fromEntries(new URL(ours.url).searchParams)).toEqual(theirs.query);
      }),
      { numRuns: budgetRuns(40) },
    );
  });

  it("give parts getSignedUrl's signature", async () => {
    const parts = fc.record({
      ...identities,
      number: fc.integer({ min: 1, max: 2 }),
      uploadId: fc.stringMatching(/^[A-Za-z0-9._~+/=-]{1,128}$/),
      sha256: fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(parts, async (input) => {
        const checksumMode = input.sha256 === undefined ? 'none' : 'sha256';
        const plan = { size: 8 * MIB + 5, partSize: 8 * MIB, checksumMode } as const;
        const { id } = metadataFor({ kind: 'multipart', ...plan });
        const expiresIn = 60 + (input.expiresIn % 3_541);
        const wanted = {
          number: input.number,
          ...(input.sha256 && { sha256: Buffer.from(input.sha256).toString('hex') }),
        };
        const [ours] = grantParts({
          ...contextOf(input as never),
          plan: { ...plan, id },
          uploadId: input.uploadId,
          parts: [wanted],
          expiresIn,
        });
        const headers = ['content-length', 'x-amz-checksum-sha256'];
        const theirs = await getSignedUrl(
          clientFor({ region: input.region, credentials: input.credentials }, input.place),
          new UploadPartCommand({
            Bucket: input.place.bucket,
            Key: `u/acme/${OWNER}/${id}`,
            PartNumber: input.number,
            UploadId: input.uploadId,
            ContentLength: input.number === 1 ? 8 * MIB : 5,
            ...(input.sha256 && { ChecksumSHA256: Buffer.from(input.sha256).toString('base64') }),
          }),
          {
            signingDate: new Date(input.now),
            expiresIn,
            unhoistableHeaders: new Set(headers),
            signableHeaders: new Set(headers),
          },
        );
        const without = (url: string) => {
          const query = new URL(url).searchParams;
          for (const name of ['x-id', 'X-Amz-Content-Sha256', 'X-Amz-Signature']) query.delete(name);
          return Object.fromEntries(query);
        };
        expect(without(ours?.url ?? '')).toEqual(without(theirs));
        expect(new URL(ours?.url ?? '').pathname).toBe(new URL(theirs).pathname);
      }),
      { numRuns: budgetRuns(40) },
    );
  });
});
