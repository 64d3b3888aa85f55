import { createServer, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Acknowledged } from './acknowledged.ts';
import { audit } from './audit.ts';
import { contentOf } from './k6/content.ts';

const BYTES = 64;
const UPLOADS: Acknowledged[] = [0, 1, 2, 3].map((n) => ({ id: `euw1_${n}`, owner: n % 2, seed: `run-${n}`, at: n }));

/** One answer of the stand-in gateway. */
type Answer = { status: number; state: string; size: number; content: string };

let server: Server | undefined;

afterEach(async () => {
  const running = server;
  if (running !== undefined) await new Promise((resolve) => running.close(resolve));
  server = undefined;
});

/** A gateway that tells the truth about every upload but the third, about which it tells `lie`; `busy` first answers are 503. */
const gateway = async (lie: Partial<Answer>, busy = 0): Promise<string> => {
  let refusals = busy;
  const running = createServer((request, response) => {
    const number = Number(/euw1_(\d)/.exec(request.url ?? '')?.[1]);
    const truth: Answer = { status: 200, state: 'UPLOADED', size: BYTES, content: contentOf(`run-${number}`, BYTES) };
    const answer = number === 2 ? { ...truth, ...lie } : truth;
    response.setHeader('connection', 'close');
    if (request.url?.startsWith('/content/')) return response.end(answer.content);
    if (refusals > 0) {
      refusals -= 1;
      return response.writeHead(503).end();
    }
    if (request.headers.authorization !== `Bearer token-${number % 2}`) return response.writeHead(404).end();
    const { port } = running.address() as { port: number };
    const download = { url: `http://127.0.0.1:${port}/content/euw1_${number}` };
    return response.writeHead(answer.status).end(JSON.stringify({ state: answer.state, size: answer.size, download }));
  });
  server = running;
  await new Promise<void>((resolve) => running.listen(0, '127.0.0.1', () => resolve()));
  return `http://127.0.0.1:${(running.address() as { port: number }).port}`;
};

const run = (endpoint: string) =>
  audit({
    endpoint,
    tokens: ['token-0', 'token-1'],
    acknowledged: UPLOADS,
    bytes: BYTES,
    sample: UPLOADS.length,
    pauseMs: 0,
  });

describe('the audit', () => {
  it('finds every upload with its own caller’s token and compares its bytes', async () => {
    expect(await run(await gateway({}))).toEqual({ good: 4, compared: 4, faults: [] });
  });

  it.each([
    ['a lost record', { status: 404 }, 'euw1_2 answers 404'],
    ['another state', { state: 'CREATED' }, 'euw1_2 is CREATED'],
    ['another size', { size: 63 }, 'euw1_2 has size 63 instead of 64'],
    ['other bytes', { content: 'x'.repeat(BYTES) }, 'euw1_2 has other bytes than were sent (64 of them)'],
  ])('reports %s', async (_name, lie, fault) => {
    expect(await run(await gateway(lie))).toEqual({ good: 3, compared: 4, faults: [fault] });
  });

  it('asks a busy gateway again', async () => {
    expect((await run(await gateway({}, 3))).faults).toEqual([]);
  });

  it('compares no more contents than asked', async () => {
    const endpoint = await gateway({});
    const tokens = ['token-0', 'token-1'];
    expect((await audit({ endpoint, tokens, acknowledged: UPLOADS, bytes: BYTES, sample: 2 })).compared).toBe(2);
  });
});
