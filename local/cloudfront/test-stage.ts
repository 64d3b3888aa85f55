import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFunction, createInstancePool, type FunctionOptions, type LambdaFunction } from '../lambda/host.ts';
import { reservedEnv } from '../lambda/reserved-env.ts';
import { type Ask, type Reply, sendRaw } from '../support/testing/raw-request.ts';
import { type FrontDoor, type FrontDoorOptions, type RefusalEntry, startFrontDoor } from './front-door.ts';

/**
 * The function of these tests: it runs the code that the request itself brings in `x-code`, so each test can return
 * any result it likes; without code it lets the request through.
 */
const BUNDLE = `
const AsyncFunction = (async () => undefined).constructor;
export const handler = async (event, context) => {
  const { request } = event.Records[0].cf;
  const code = request.headers['x-code']?.[0].value;
  if (code === undefined) return request;
  return new AsyncFunction('event', 'request', 'context', Buffer.from(code, 'base64url').toString('utf8'))(event, request, context);
};
`;

export const HOME = 'home.execute-api.eu-west-1.amazonaws.com';
export const AWAY = 'away.execute-api.ap-southeast-2.amazonaws.com';
export const DEAD = 'dead.execute-api.us-east-1.amazonaws.com';
/** Resolves to the same place as HOME under another name. */
export const ALIAS = 'alias.execute-api.eu-west-1.amazonaws.com';

/** What an origin of these tests saw of a request. */
export type Echo = {
  readonly origin: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly length: number;
  readonly sha256: string;
  readonly connection: number;
};

export type Stage = {
  readonly door: FrontDoor;
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly refusals: RefusalEntry[];
  ask(wish?: Ask): Promise<Reply>;
  /** As `ask`, for an answer of an origin. */
  echo(wish?: Ask): Promise<Echo>;
  close(): Promise<void>;
};

export const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

const startOrigin = async (name: string): Promise<{ url: string; server: Server }> => {
  const connections = new Map<unknown, number>();
  const server = createServer((request, response) => {
    const kept = connections.has(request.socket);
    if (!kept) connections.set(request.socket, connections.size + 1);
    const connection = connections.get(request.socket) ?? 0;
    const hash = createHash('sha256');
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      length += chunk.length;
    });
    request.on('end', () => {
      const wish = String(request.headers['x-wish'] ?? '');
      if (wish === 'silence') return;
      if (wish === 'hang-up' || (wish === 'hang-up-if-kept' && kept)) {
        request.socket.destroy();
        return;
      }
      const { method, url } = request;
      const body = JSON.stringify({
        origin: name,
        method,
        url,
        headers: request.headers,
        length,
        sha256: hash.digest('hex'),
        connection,
      });
      response.writeHead(
        wish === 'refuse' ? 418 : 200,
        [
          ['content-type', 'application/json'],
          ['x-amzn-requestid', 'from-the-origin'],
          ['set-cookie', 'a=1'],
          ['set-cookie', 'b=2'],
          ['x-cache', 'Hit from somewhere'],
          ['content-length', String(body.length)],
        ].flat(),
      );
      response.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
};

export type StageOptions = {
  readonly lambda?: Partial<FunctionOptions>;
  readonly maxInstances?: number;
  readonly door?: Partial<FrontDoorOptions>;
};

/** A front door with two origins, one dead host name, and one function per edge Region. */
export const startStage = async ({ lambda = {}, maxInstances = 32, door = {} }: StageOptions = {}): Promise<Stage> => {
  const folder = mkdtempSync(join(tmpdir(), 'cloudfront-'));
  const bundle = join(folder, 'edge.mjs');
  writeFileSync(bundle, BUNDLE);
  const [home, away] = await Promise.all([startOrigin('home'), startOrigin('away')]);
  const pool = createInstancePool(maxInstances);
  const functions = new Map<string, LambdaFunction>();
  const refusals: RefusalEntry[] = [];
  const target = { url: home.url, region: 'eu-west-1' };
  const front = await startFrontDoor({
    port: 0,
    distribution: { id: 'EDFDVBD6EXAMPLE', domainName: 'd111111abcdef8.cloudfront.net' },
    origin: { domainName: HOME, path: '/live', customHeaders: { 'X-Config-1': 'one', 'x-config-2': 'two' } },
    origins: {
      [HOME]: target,
      [ALIAS]: target,
      [AWAY]: { url: away.url, region: 'ap-southeast-2' },
      [DEAD]: { url: 'http://127.0.0.1:9' },
    },
    functions: (region) => {
      const made = createFunction({
        name: 'us-east-1.edge',
        bundle,
        handler: 'handler',
        env: reservedEnv({
          name: 'us-east-1.edge',
          region,
          memoryMb: 256,
          credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret', sessionToken: 'session' },
        }),
        memoryMb: 256,
        timeoutMs: 5_000,
        maxInstances,
        perInstanceRps: null,
        logPath: join(folder, 'edge.log'),
        clock: { offsetSeconds: () => 0 },
        pool,
        ...lambda,
      });
      functions.set(region, made);
      return made;
    },
    admin: (request, response) => {
      response.end(`admin ${request.url}`);
    },
    log: (entry) => refusals.push(entry),
    ...door,
  });
  const ask = (wish: Ask = {}) => sendRaw(front.url, { path: '/v1/things', ...wish });
  return {
    door: front,
    functions,
    refusals,
    ask,
    echo: async (wish) => {
      const reply = await ask(wish);
      if (reply.status !== 200) throw new Error(`${reply.status} ${reply.headers['x-local-refusal'] ?? ''}`);
      return JSON.parse(reply.text) as Echo;
    },
    close: async () => {
      await front.close();
      await Promise.all([...functions.values()].map((made) => made.stop()));
      for (const { server } of [home, away]) {
        server.closeAllConnections();
        server.close();
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
