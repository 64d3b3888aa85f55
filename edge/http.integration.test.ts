import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp, type HttpRequest } from './http.ts';

const servers: Server[] = [];

const listen = async (server: Server): Promise<string> => {
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  }
});

const get = (url: string): HttpRequest => ({ method: 'GET', url, headers: {}, timeoutMs: 1_000, maxBytes: 1_000 });

describe('the http client', () => {
  it('keeps its connection between requests', async () => {
    const sockets = new Set<Socket>();
    const url = await listen(
      createServer((request, response) => {
        sockets.add(request.socket);
        response.end('hello');
      }),
    );
    const send = createHttp({ now: () => 0 });
    expect((await send(get(url))).body).toBe('hello');
    expect((await send(get(url))).status).toBe(200);
    expect(sockets.size).toBe(1);
  });

  it('opens a new connection after an idle time, by the wall clock', async () => {
    const sockets = new Set<Socket>();
    const url = await listen(
      createServer((request, response) => {
        sockets.add(request.socket);
        response.end();
      }),
    );
    let time = 0;
    const send = createHttp({ now: () => time });
    await send(get(url));
    time = 30_001;
    await send(get(url));
    expect(sockets.size).toBe(2);
  });

  it('sends once more when a kept connection is dead, and the body whole', async () => {
    const bodies: string[] = [];
    let kill = false;
    const url = await listen(
      createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += chunk;
        });
        request.on('end', () => {
          if (kill) {
            kill = false;
            request.socket.resetAndDestroy();
            return;
          }
          bodies.push(body);
          response.end();
        });
      }),
    );
    const send = createHttp({ now: () => 0 });
    const post: HttpRequest = { ...get(url), method: 'POST', body: 'péage' };
    await send(post);
    kill = true;
    expect((await send(post)).status).toBe(200);
    expect(bodies).toEqual(['péage', 'péage']);
  });

  it('does not repeat a request that a new connection lost', async () => {
    let requests = 0;
    const url = await listen(
      createServer((request) => {
        requests += 1;
        request.socket.resetAndDestroy();
      }),
    );
    await expect(createHttp({ now: () => 0 })(get(url))).rejects.toThrow(/ECONNRESET|hang up/);
    expect(requests).toBe(1);
  });

  it('gives up when no answer comes in time, naming no address', async () => {
    const url = await listen(createServer(() => undefined));
    await expect(createHttp({ now: () => 0 })({ ...get(`${url}/secret?key=1`), timeoutMs: 50 })).rejects.toThrow(
      /^no answer within 50 ms$/,
    );
  });

  it('gives up on an answer that drips', async () => {
    const url = await listen(
      createServer((_, response) => {
        const timer = setInterval(() => response.write('x'), 10);
        response.on('close', () => clearInterval(timer));
      }),
    );
    await expect(createHttp({ now: () => 0 })({ ...get(url), timeoutMs: 100 })).rejects.toThrow();
  });

  it('takes an answer of exactly the largest size and no byte more', async () => {
    const url = await listen(
      createServer((request, response) => response.end('x'.repeat(request.url === '/one-more' ? 1_001 : 1_000))),
    );
    const send = createHttp({ now: () => 0 });
    expect((await send(get(url))).body).toHaveLength(1_000);
    await expect(send(get(`${url}/one-more`))).rejects.toThrow('more than 1000 bytes');
  });
});
