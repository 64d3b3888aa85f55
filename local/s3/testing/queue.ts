import { createHash, randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifySignature } from '../../sigv4/verify.ts';
import { rawHeaderPairs, readBody, splitTarget } from '../../support/http.ts';
import { ADMIN } from './platform.ts';

/** One message as a consumer would read it. */
export interface QueueMessage {
  readonly Records?: readonly {
    readonly eventName: string;
    readonly s3: {
      readonly object: {
        readonly key: string;
        readonly size?: number;
        readonly eTag?: string;
        readonly versionId: string;
        readonly sequencer: string;
      };
    };
  }[];
  readonly Event?: string;
}

/** A queue's front that takes SendMessageBatch, checks its signature, and can be away or answer too late. */
export interface Queue {
  readonly url: string;
  readonly messages: QueueMessage[];
  mode: 'good' | 'down' | 'deaf';
  close(): Promise<void>;
}

/** Opens a queue on a free port of 127.0.0.1. */
export async function openQueue(): Promise<Queue> {
  const messages: QueueMessage[] = [];
  const queue: Queue = { url: '', messages, mode: 'good', close: async () => {} };
  const server: Server = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request, 1_000_000);
      const { rawPath, rawQuery } = splitTarget(request.url ?? '');
      const verified = verifySignature(
        { method: request.method ?? '', rawPath, rawQuery, headers: rawHeaderPairs(request) },
        {
          find: (id) => (id === ADMIN.accessKeyId ? ADMIN : undefined),
          now: Date.now(),
          region: 'eu-west-1',
          service: 'sqs',
        },
      );
      if (
        !verified.ok ||
        verified.payloadHash !== createHash('sha256').update(body).digest('hex') ||
        queue.mode === 'down'
      ) {
        response.writeHead(503).end();
        return;
      }
      const { Entries } = JSON.parse(body.toString()) as { Entries: { Id: string; MessageBody: string }[] };
      for (const { MessageBody } of Entries) messages.push(JSON.parse(MessageBody) as QueueMessage);
      if (queue.mode === 'deaf') {
        request.socket.destroy();
        return;
      }
      const Successful = Entries.map(({ Id, MessageBody }) => ({
        Id,
        MessageId: randomBytes(8).toString('hex'),
        MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
      }));
      response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.0' })
        .end(JSON.stringify({ Successful, Failed: [] }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(queue, {
    url: `http://127.0.0.1:${port}/000000000000/events`,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
