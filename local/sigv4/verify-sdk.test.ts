import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import type { Credential } from '../support/credentials.ts';
import type { SignedRequest } from './request.ts';
import { verifySignature } from './verify.ts';

/** What AWS's own signers sign has to be accepted, whatever the key, the name or the value. */
const credential: Credential = {
  accessKeyId: 'ASIAQQQQQQQQQQQQQQQQ',
  secretAccessKey: 'secret/with+signs=',
  sessionToken: 'IQoJ//token+with=signs',
  role: 'test',
  statements: [],
  expiresAt: null,
};
const identity = {
  accessKeyId: credential.accessKeyId,
  secretAccessKey: credential.secretAccessKey,
  sessionToken: credential.sessionToken ?? '',
};
const base = { region: 'eu-west-1', endpoint: 'http://127.0.0.1:4566', credentials: identity };

const verify = (request: SignedRequest, service: string) =>
  verifySignature(request, {
    find: (id) => (id === credential.accessKeyId ? credential : undefined),
    now: Date.now(),
    region: 'eu-west-1',
    service,
  });

interface Sent {
  method: string;
  path: string;
  query: Record<string, string | string[] | null>;
  headers: Record<string, string>;
}

/** A client's transport that keeps the last request and fails it. */
function capture(): { requestHandler: { handle(request: unknown): Promise<never> }; last(): SignedRequest } {
  let sent: Sent | undefined;
  return {
    requestHandler: {
      async handle(request) {
        sent = request as Sent;
        throw Object.assign(new Error('captured'), { $retryable: undefined });
      },
    },
    last() {
      if (!sent) throw new Error('nothing was sent');
      const query = Object.entries(sent.query ?? {}).map(
        ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value ?? ''))}`,
      );
      return {
        method: sent.method,
        rawPath: sent.path,
        rawQuery: query.join('&'),
        headers: Object.entries(sent.headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
      };
    },
  };
}

const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/^[./]|\/\.|\.\/|\/\//.test(text));
const printable = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });

describe('requests signed by the AWS SDK', () => {
  test('presigned GETs are accepted, and refused with one more character in the key', async () => {
    const client = new S3Client({ ...base, forcePathStyle: true });
    await fc.assert(
      fc.asyncProperty(key, printable, async (Key, disposition) => {
        const command = new GetObjectCommand({ Bucket: 'bucket', Key, ResponseContentDisposition: disposition });
        const url = await getSignedUrl(client, command, { expiresIn: 60 });
        const target = url.slice('http://127.0.0.1:4566'.length);
        const mark = target.indexOf('?');
        const request: SignedRequest = {
          method: 'GET',
          rawPath: target.slice(0, mark),
          rawQuery: target.slice(mark + 1),
          headers: [['host', '127.0.0.1:4566']],
        };
        expect(verify(request, 's3').ok).toBe(true);
        expect(verify({ ...request, rawPath: `${request.rawPath}x` }, 's3')).toMatchObject({
          code: 'SignatureDoesNotMatch',
        });
      }),
      { numRuns: budgetRuns(400) },
    );
  });

  test('header-signed PUTs are accepted, and refused with another metadata value', async () => {
    const transport = capture();
    const client = new S3Client({
      ...base,
      forcePathStyle: true,
      maxAttempts: 1,
      requestHandler: transport.requestHandler,
    });
    await fc.assert(
      fc.asyncProperty(key, printable, async (Key, note) => {
        const put = client.send(
          new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x', Metadata: { note: `n${note}` } }),
        );
        await expect(put).rejects.toThrow('captured');
        const request = transport.last();
        expect(verify(request, 's3')).toMatchObject({ ok: true, via: 'header' });
        const lied = request.headers.map(
          ([name, value]) => [name, name === 'x-amz-meta-note' ? `${value}!` : value] as const,
        );
        expect(verify({ ...request, headers: lied }, 's3')).toMatchObject({ code: 'SignatureDoesNotMatch' });
      }),
      { numRuns: budgetRuns(200) },
    );
  });

  test('SQS and DynamoDB calls are accepted by their own service alone', async () => {
    const sqs = capture();
    const queue = new SQSClient({ ...base, maxAttempts: 1, requestHandler: sqs.requestHandler });
    const send = queue.send(
      new SendMessageCommand({ QueueUrl: 'http://127.0.0.1:4566/000000000000/q', MessageBody: 'ü' }),
    );
    await expect(send).rejects.toThrow('captured');
    expect(verify(sqs.last(), 'sqs')).toMatchObject({ ok: true });
    expect(verify(sqs.last(), 'dynamodb')).toMatchObject({ code: 'AuthorizationHeaderMalformed' });
    const ddb = capture();
    const table = new DynamoDBClient({ ...base, maxAttempts: 1, requestHandler: ddb.requestHandler });
    await expect(table.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }))).rejects.toThrow(
      'captured',
    );
    expect(verify(ddb.last(), 'dynamodb')).toMatchObject({ ok: true });
  });
});
