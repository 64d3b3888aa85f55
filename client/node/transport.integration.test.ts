import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectionError } from '../errors.ts';
import { createNodeTransport } from './transport.ts';

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const serve = async (handler: http.RequestListener, onContinue?: http.RequestListener): Promise<string> => {
  const server = http.createServer(handler);
  if (onContinue !== undefined) server.on('checkContinue', onContinue);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const serveRaw = async (onConnection: (socket: Socket) => void): Promise<string> => {
  const server = net.createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
};

const transport = () => {
  const made = createNodeTransport();
  stops.push(made.close);
  return made;
};

const bytes = async function* (chunks: number, size = 65_536) {
  for (let index = 0; index < chunks; index++) yield Buffer.alloc(size, index);
};

const put = (url: string, chunks: number, more: object = {}) =>
  transport().put({
    method: 'PUT',
    url,
    headers: {},
    body: bytes(chunks),
    size: chunks * 65_536,
    idleTimeoutMs: 2_000,
    ...more,
  });

describe('node transport', () => {
  it('sends every byte with its length and reports progress up to the last one', async () => {
    let received = 0;
    let length: string | undefined;
    const url = await serve((request, response) => {
      length = request.headers['content-length'];
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
      });
      request.on('end', () => response.end('ok'));
    });
    const progress: number[] = [];
    const answer = await put(url, 40, { onProgress: (sent: number) => progress.push(sent) });
    expect(answer).toMatchObject({ status: 200, body: 'ok' });
    expect({ received, length }).toEqual({ received: 40 * 65_536, length: String(40 * 65_536) });
    expect(progress.at(-1)).toBe(40 * 65_536);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('a refusal before the body costs no transfer', async () => {
    const refuse: http.RequestListener = (_, response) => {
      response.statusCode = 403;
      response.end('no');
    };
    const url = await serve(refuse, refuse);
    let read = 0;
    const body = (async function* () {
      for await (const chunk of bytes(400)) {
        read += chunk.length;
        yield chunk;
      }
    })();
    const answer = await put(url, 400, { body });
    expect(answer.status).toBe(403);
    expect(read).toBe(0);
  });

  it('a refusal in the middle of a small body is an answer, not a broken connection', async () => {
    const url = await serveRaw((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () =>
        socket.end('HTTP/1.1 412 Precondition Failed\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno'),
      );
    });
    await expect(put(url, 16)).resolves.toMatchObject({ status: 412, body: 'no' });
  });

  it.each([
    ['reset', (socket: Socket) => socket.once('data', () => socket.resetAndDestroy())],
    ['reset', (socket: Socket) => socket.once('data', () => socket.destroy())],
    ['timeout', (socket: Socket) => socket.resume()],
  ] as const)('names a %s', async (failure, onConnection) => {
    const url = await serveRaw((socket) => {
      socket.on('error', () => undefined);
      stops.push(() => socket.destroy());
      onConnection(socket);
    });
    const error = await put(url, 1, { idleTimeoutMs: 200 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ failure });
  });

  it('names a server that is not there', async () => {
    const url = await serve(() => undefined);
    for (const stop of stops.splice(0)) stop();
    await expect(put(url, 1)).rejects.toMatchObject({ failure: 'connect' });
  });

  it("passes the source's own failure on unchanged", async () => {
    const url = await serve((request) => request.resume());
    const body = (async function* () {
      yield Buffer.alloc(10);
      throw new Error('the file changed');
    })();
    await expect(put(url, 1, { body })).rejects.toThrow('the file changed');
  });

  it('stops with the reason of the signal', async () => {
    const url = await serve((request) => request.resume());
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(put(url, 4, { signal: stop.signal })).rejects.toThrow('enough');
  });
});
