import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDynamoStore } from '../store/dynamo-store.ts';
import { createDynamoClient } from './clients.ts';

let server: Server;
let asked: number;

const serve = async (listener: RequestListener) => {
  server = createServer((request, response) => {
    asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const dynamodb = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createDynamoStore({ client: createDynamoClient({ name: 'eu-west-1', dynamodb }), table: 'records' });
};

const empty: RequestListener = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{}');
};

beforeEach(() => {
  asked = 0;
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDTEST');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

describe('an AWS client of the origin', () => {
  it('asks again when a try gets no answer, within the time a request has', async () => {
    const store = await serve((request, response) => (asked === 1 ? undefined : empty(request, response)));
    expect(await store.get('a', 'b', { signal: AbortSignal.timeout(1_500) })).toBeNull();
    expect(asked).toBe(2);
  });

  it('asks again when a kept connection is dead', async () => {
    const store = await serve((request, response) => {
      if (asked === 2) request.socket.destroy();
      else empty(request, response);
    });
    const options = { signal: AbortSignal.timeout(5_000) };
    expect(await store.get('a', 'b', options)).toBeNull();
    expect(await store.get('a', 'b', options)).toBeNull();
    expect(asked).toBe(3);
  });

  it('ends with its signal, whatever it still would try', async () => {
    const store = await serve(() => undefined);
    await expect(store.get('a', 'b', { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(asked).toBe(1);
  });
});
