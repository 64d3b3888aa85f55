import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createFetchKeySet } from './fetch-key-set.ts';

let server: Server | null = null;

const serve = (listener: RequestListener): Promise<string> =>
  new Promise((resolve) => {
    server = createServer(listener);
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${((server as Server).address() as AddressInfo).port}/jwks.json`);
    });
  });

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  server = null;
});

const fetchLocal = createFetchKeySet({ resolve: async () => [], allowLoopback: true });

describe('fetching a key set', () => {
  it('gives the bytes of a plain answer', async () => {
    const url = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      expect(request.headers['authorization']).toBeUndefined();
      response.end('{"keys":[]}');
    });
    expect(Buffer.from(await fetchLocal(url)).toString()).toBe('{"keys":[]}');
  });

  it('takes 65,536 bytes and not one more', async () => {
    let length = 65_536;
    const url = await serve((_request, response) => void response.end(Buffer.alloc(length)));
    expect(await fetchLocal(url)).toHaveLength(65_536);
    length += 1;
    await expect(fetchLocal(url)).rejects.toThrow(/more than 65536 bytes/);
  });

  it.each([204, 301, 302, 307, 404, 500])('refuses status %d and follows nothing', async (status) => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked += 1;
      response.writeHead(status, { location: '/elsewhere' }).end();
    });
    await expect(fetchLocal(url)).rejects.toThrow(`status ${status}`);
    expect(asked).toBe(1);
  });

  it('refuses a compressed answer', async () => {
    const url = await serve(
      (_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    await expect(fetchLocal(url)).rejects.toThrow(/compressed/);
  });

  it.each([
    ['never answers', (() => undefined) as RequestListener],
    [
      'drips',
      ((_request, response) => {
        const timer = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(timer));
      }) as RequestListener,
    ],
  ])('ends after 800 ms when the provider %s', async (_name, listener) => {
    const url = await serve(listener);
    const startedAt = performance.now();
    await expect(fetchLocal(url)).rejects.toThrow();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('refuses loopback outside the local platform', async () => {
    const url = await serve((_request, response) => void response.end('{}'));
    const fetchOutside = createFetchKeySet({ resolve: async () => [], allowLoopback: false });
    await expect(fetchOutside(url)).rejects.toThrow(/only for the local platform/);
  });

  it.each([
    ['no address at all', [], /no address/],
    ['a private address', [{ address: '10.0.0.1', family: 4 }], /not public/],
    [
      'one private address among public ones',
      [
        { address: '8.8.8.8', family: 4 },
        { address: '::1', family: 6 },
      ],
      /not public/,
    ],
  ])('refuses a host with %s, before it connects', async (_name, addresses, message) => {
    const fetchFrom = createFetchKeySet({ resolve: async () => addresses, allowLoopback: true });
    await expect(fetchFrom('https://provider.example/jwks.json')).rejects.toThrow(message);
  });

  it('ends after 800 ms when the name server never answers', async () => {
    const fetchFrom = createFetchKeySet({ resolve: () => new Promise(() => undefined), allowLoopback: false });
    await expect(fetchFrom('https://provider.example/jwks.json')).rejects.toThrow(/800 ms/);
  });

  it('refuses plain http', async () => {
    const fetchFrom = createFetchKeySet({
      resolve: async () => [{ address: '8.8.8.8', family: 4 }],
      allowLoopback: true,
    });
    await expect(fetchFrom('http://provider.example/jwks.json')).rejects.toThrow(/not https/);
  });
});
