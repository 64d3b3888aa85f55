import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { isBodyTooLarge, type Listening, listen, readBody, sendJson, splitTarget } from './http.ts';

let open: Listening[] = [];

afterEach(async () => {
  await Promise.all(open.map((server) => server.close()));
  open = [];
});

async function start(handler: Parameters<typeof listen>[0]): Promise<Listening> {
  const server = await listen(handler);
  open.push(server);
  return server;
}

function get(url: string, host?: string): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(url, { headers: host === undefined ? {} : { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
    asked.end();
  });
}

it('answers to 127.0.0.1 and localhost with its own port, and to no other Host', async () => {
  const { url, port } = await start((_request, response) => sendJson(response, 200, {}));
  expect(await get(url)).toBe(200);
  expect(await get(url, `localhost:${port}`)).toBe(200);
  expect(await get(url, `evil.example:${port}`)).toBe(421);
  expect(await get(url, `127.0.0.1:${port + 1}`)).toBe(421);
});

it('listens on loopback alone', async () => {
  const { port } = await start((_request, response) => sendJson(response, 200, {}));
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const outside = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (outside) expect(await get(`http://${outside.address}:${port}`)).toBe('ECONNREFUSED');
  expect(await get(`http://127.0.0.1:${port}`)).toBe(200);
});

it('turns what a handler throws into 500 without saying what it was', async () => {
  const { url } = await start(() => Promise.reject(new Error('secret detail')));
  const answer = await fetch(url);
  expect(answer.status).toBe(500);
  expect(await answer.text()).not.toContain('secret');
});

it('reads bodies up to the limit and one byte over', async () => {
  const { url } = await start(async (incoming, response) => {
    const body = await readBody(incoming, 10).catch((error: unknown) => {
      if (isBodyTooLarge(error)) return null;
      throw error;
    });
    sendJson(response, body === null ? 413 : 200, { length: body?.length ?? null });
  });
  expect(await (await fetch(url, { method: 'POST', body: 'x'.repeat(10) })).json()).toEqual({ length: 10 });
  expect((await fetch(url, { method: 'POST', body: 'x'.repeat(11) })).status).toBe(413);
});

it('rejects with EADDRINUSE when the port is taken', async () => {
  const { port } = await start(() => undefined);
  await expect(listen(() => undefined, { port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

it('ends a request that hangs when it closes', async () => {
  const server = await listen(() => undefined);
  const asked = get(server.url);
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.close(100);
  expect(await asked).toBe('ECONNRESET');
});

it('splits a target at the first question mark', () => {
  expect(splitTarget('/a%2Fb?x=1?y')).toEqual({ rawPath: '/a%2Fb', rawQuery: 'x=1?y' });
  expect(splitTarget('/a')).toEqual({ rawPath: '/a', rawQuery: '' });
});
