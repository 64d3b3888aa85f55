import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening server of the platform. */
export interface Listening {
  /** `http://127.0.0.1:{port}`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** The node server, for upgrades and time limits. */
  readonly server: Server;
  /** Stops listening, ends idle connections at once and busy ones after `graceMs` (default 1,000). */
  close(graceMs?: number): Promise<void>;
}

export interface ListenOptions {
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** Host names besides `127.0.0.1` and `localhost` (each with the port) that a request may carry. */
  readonly hosts?: readonly string[];
  /** Milliseconds an idle connection is kept (default 65,000, longer than clients keep theirs). */
  readonly keepAliveMs?: number;
  /** Bytes of headers taken in all (default 65,536). */
  readonly maxHeaderBytes?: number;
}

/**
 * Serves `handler` on 127.0.0.1 alone. A request whose Host is not this server's own (a page that rebinds a name to
 * loopback) is 421 before the handler sees it. What the handler throws or rejects with is 500 and one line on stderr.
 * Rejects with node's `EADDRINUSE` when the port is taken.
 */
export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  options: ListenOptions = {},
): Promise<Listening> {
  const hosts = new Set<string>();
  const guarded: RequestListener = (request, response) => {
    if (!hosts.has((request.headers.host ?? '').toLowerCase())) {
      request.resume();
      response.writeHead(421, { 'content-type': 'text/plain', connection: 'close' });
      response.end('This server answers only to its own address.\n');
      return;
    }
    Promise.resolve()
      .then(() => handler(request, response))
      .catch((error: unknown) => failed(response, error));
  };
  const server = createServer({ maxHeaderSize: options.maxHeaderBytes ?? 65_536, requestTimeout: 0 }, guarded);
  server.keepAliveTimeout = options.keepAliveMs ?? 65_000;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: options.port ?? 0, host: '127.0.0.1', backlog: 4096 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  for (const name of ['127.0.0.1', 'localhost', ...(options.hosts ?? [])]) {
    hosts.add(`${name}:${port}`);
    if (port === 80) hosts.add(name);
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    close: (graceMs = 1000) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** A request's headers as received, in order, with repeats. */
export function rawHeaderPairs(request: IncomingMessage): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    pairs.push([request.rawHeaders[i] ?? '', request.rawHeaders[i + 1] ?? '']);
  }
  return pairs;
}

/** Path and query of a request as sent, still encoded; the query without its `?`. */
export function splitTarget(target: string): { rawPath: string; rawQuery: string } {
  const mark = target.indexOf('?');
  if (mark < 0) return { rawPath: target, rawQuery: '' };
  return { rawPath: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
}

/** Thrown by `readBody` when a body is longer than its limit. */
export function isBodyTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'BODY_TOO_LARGE';
}

/** The whole body, at most `limitBytes`; rejects with an error `isBodyTooLarge` knows, after draining what comes, or when the caller goes away. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= limitBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  if (length > limitBytes) {
    throw Object.assign(new Error(`body of ${length} bytes is over ${limitBytes}`), { code: 'BODY_TOO_LARGE' });
  }
  return Buffer.concat(chunks);
}

/** Answers `value` as JSON. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
    'content-length': body.length,
  });
  response.end(body);
}

function failed(response: ServerResponse, error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'ECONNRESET') {
    response.destroy();
    return;
  }
  console.error(error);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(500, { 'content-type': 'text/plain', connection: 'close' });
  response.end('internal error of the local platform; see its log\n');
}
