import http, { type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Fault, type FaultProxy, startFaultProxy } from './fault-proxy.ts';

let server: Server;
let proxy: FaultProxy;
/** What the server was sent, whole. */
let received: string[];
let begun: number;

beforeEach(async () => {
  received = [];
  begun = 0;
  server = http.createServer((request, response) => {
    begun += 1;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      received.push(`${request.headers.host === undefined ? 'no host' : request.method} ${Buffer.concat(chunks)}`);
      response.end('the answer');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

/** Status and body, or `broken`. */
const put = (body = 'abcdefgh'): Promise<string> =>
  new Promise((resolve) => {
    const { port } = server.address() as AddressInfo;
    const request = http.request(
      { host: '127.0.0.1', port, method: 'PUT', agent: proxy.agent, headers: { 'content-length': body.length } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => resolve('broken'));
        response.on('end', () => resolve(`${response.statusCode} ${Buffer.concat(chunks)}`));
      },
    );
    request.on('error', () => resolve('broken'));
    request.end(body);
  });

const meet = (fault: Fault): void => {
  proxy.rule = () => fault;
};

describe('the fault proxy', () => {
  it('passes requests on when nothing is wrong', async () => {
    expect(await put()).toBe('200 the answer');
    expect(received).toEqual(['PUT abcdefgh']);
    expect(proxy.seen).toEqual(['PUT /']);
  });

  it.each<[Fault, string, string[]]>([
    [{ kind: 'latency', ms: 20 }, '200 the answer', ['PUT abcdefgh']],
    [{ kind: 'bandwidth', bytesPerSecond: 400 }, '200 the answer', ['PUT abcdefgh']],
    [{ kind: 'cut', afterBytes: 4 }, 'broken', []],
    [{ kind: 'cut', afterBytes: 0 }, 'broken', []],
    [{ kind: 'reset' }, 'broken', []],
    [{ kind: 'drop-answer' }, 'broken', ['PUT abcdefgh']],
    [{ kind: 'cut-answer', afterBytes: 3 }, 'broken', ['PUT abcdefgh']],
    [{ kind: 'flip-bit', byte: 2 }, '200 the answer', ['PUT abbdefgh']],
    [{ kind: 'flip-bit', byte: -1 }, '200 the answer', ['PUT abcdefgi']],
    [{ kind: 'twice' }, '200 the answer', ['PUT abcdefgh', 'PUT abcdefgh']],
  ])('%o: the client sees %s, the server %j', async (fault, client, atServer) => {
    meet(fault);
    expect(await put()).toBe(client);
    expect(received).toEqual(atServer);
  });

  it('answers for the server when it is to be busy', async () => {
    meet({ kind: 'slow-down' });
    expect(await put()).toMatch(/^503 .*<Code>SlowDown</s);
    expect(begun).toBe(0);
  });

  it('answers for the server with any error of S3', async () => {
    meet({ kind: 'refuse', status: 403, code: 'AccessDenied', message: 'Request has expired' });
    expect(await put()).toMatch(/^403 .*<Code>AccessDenied<.*<Message>Request has expired</s);
    expect(begun).toBe(0);
  });

  it.each([true, false])('answers 200 with an error whether the server acted (%s) or not', async (acts) => {
    meet({ kind: 'error-in-200', acts });
    expect(await put()).toMatch(/^200 .*<Error>.*<\/Error>$/s);
    expect(received).toEqual(acts ? ['PUT abcdefgh'] : []);
  });

  it('delivers a copy late', async () => {
    meet({ kind: 'late-copy', ms: 20 });
    expect(await put()).toBe('broken');
    expect(received).toHaveLength(1);
    await proxy.quiet();
    expect(received).toEqual(['PUT abcdefgh', 'PUT abcdefgh']);
  });
});
