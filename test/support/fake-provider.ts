import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Jwk } from './hostile-tokens/types.ts';

/** What a provider does when it is asked for its key set; `good` is the JSON of the set it should give. */
export type Misbehaviour = (response: ServerResponse, good: string) => void;

const send =
  (status: number, body: (good: string) => string | Buffer, headers: Record<string, string> = {}): Misbehaviour =>
  (response, good) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body(good));

/** A good answer that asks to be kept for a year: nobody obeys. */
export const GOOD = send(200, (good) => good, { 'cache-control': 'public, max-age=31536000, immutable' });

/** Providers in trouble, and providers that mean harm. */
export const MISBEHAVIOURS: Readonly<Record<string, Misbehaviour>> = {
  'answers 500': send(500, () => '{}'),
  'never answers': () => undefined,
  drips: (response, good) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    let at = 0;
    const timer = setInterval(() => response.write(good.charAt(at++)), 50);
    response.on('close', () => clearInterval(timer));
  },
  'cuts the connection': (response) => void response.destroy(),
  'sends 1 MiB': send(200, (good) => good.padEnd(1_048_576)),
  'sends one byte too many': send(200, (good) => good.padEnd(65_537)),
  redirects: send(302, () => '', { location: '/elsewhere' }),
  'sends a page': send(200, () => '<!doctype html><title>Sign in</title>', { 'content-type': 'text/html' }),
  'sends half a set': send(200, (good) => good.slice(0, -9)),
  'sends no keys': send(200, () => '{"keys":[]}'),
  'sends it compressed': send(200, (good) => gzipSync(good), { 'content-encoding': 'gzip' }),
  'names a key twice': send(200, (good) => {
    const { keys } = JSON.parse(good) as { keys: unknown[] };
    return JSON.stringify({ keys: [...keys, ...keys] });
  }),
};

export type FakeProvider = {
  readonly url: string;
  /** Sets what an issuer publishes, and how. */
  set(id: string, keys: readonly Jwk[], how?: Misbehaviour): void;
  /** Requests for this issuer's key set so far. */
  asked(id: string): number;
  /** Milliseconds from each request to the end of its connection or answer. */
  took(id: string): readonly number[];
  close(): Promise<void>;
};

/** Key sets of many issuers at `{url}/{id}`, on a free port of 127.0.0.1. */
export const startFakeProvider = async (): Promise<FakeProvider> => {
  const sets = new Map<string, { readonly keys: readonly Jwk[]; readonly how: Misbehaviour }>();
  const counts = new Map<string, number>();
  const times = new Map<string, number[]>();
  const server = createServer((request, response) => {
    const id = (request.url ?? '').slice(1);
    const startedAt = performance.now();
    counts.set(id, (counts.get(id) ?? 0) + 1);
    response.on('close', () => times.set(id, [...(times.get(id) ?? []), performance.now() - startedAt]));
    const set = sets.get(id);
    if (set === undefined) return void response.writeHead(404).end();
    set.how(response, JSON.stringify({ keys: set.keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (id, keys, how = GOOD) => void sets.set(id, { keys, how }),
    asked: (id) => counts.get(id) ?? 0,
    took: (id) => times.get(id) ?? [],
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};
