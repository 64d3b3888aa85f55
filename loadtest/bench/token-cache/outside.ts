/**
 * What lies outside the gate, in a thread of its own so that its processor time does not count: registry documents by conditional GET, and a
 * queue that takes every message after `queueMs`. `workerData` holds both documents; the port is the first message.
 */
import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

const { documents, queueMs } = workerData as {
  readonly documents: Readonly<Record<string, string>>;
  readonly queueMs: number;
};

const server = createServer((request, response) => {
  request.resume();
  if (request.method === 'POST') {
    setTimeout(() => response.writeHead(200).end('{"MessageId":"1"}'), queueMs);
    return;
  }
  const name = /registry\/(\w+)\.json/.exec(request.url ?? '')?.[1] ?? '';
  const body = documents[name] ?? '';
  const etag = `"${name}"`;
  if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
  else response.writeHead(200, { etag, 'content-length': Buffer.byteLength(body) }).end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object' && address !== null) parentPort?.postMessage(address.port);
});
