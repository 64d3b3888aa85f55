import { GetObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { clientFor, common, credentials, key, now, region } from './sdk-inputs.fixture.ts';
import { signHeaders } from './sign-headers.ts';

/** AWS's own clients judge our signed headers, byte for byte over random input. */

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
