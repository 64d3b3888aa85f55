import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Listening, listen } from '../support/http.ts';
import { createAdmin } from './admin.ts';

let server: Listening;
let calls: unknown[] = [];

beforeAll(async () => {
  const admin = createAdmin({
    describe: () => ({ edge: 'here' }),
    stats: async () => ({ queues: {} }),
    setClock: (seconds) => calls.push(['clock', seconds]),
    addFault: (rule) => calls.push(['fault', rule]),
    clearFaults: () => calls.push(['clear']),
    setEvents: (change) => calls.push(['events', change]),
    putZeroParts: (region, parts) => calls.push(['zero-parts', region, parts]),
  });
  server = await listen(admin);
});
beforeEach(() => {
  calls = [];
});
afterAll(() => server.close());

const change = (path: string, body: unknown, headers: Record<string, string> = {}, method = 'POST') =>
  fetch(`${server.url}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('/_local', () => {
  it('shows the description, the places and the figures', async () => {
    expect(await (await fetch(`${server.url}/_local`)).json()).toEqual({ edge: 'here' });
    expect(await (await fetch(`${server.url}/_local/stats`)).json()).toEqual({ queues: {} });
    const { places } = (await (await fetch(`${server.url}/_local/places`)).json()) as { places: { slug: string }[] };
    expect(places.map(({ slug }) => slug)).toEqual(
      expect.arrayContaining(['dublin', 'sydney', 'new-york', 'sao-paulo']),
    );
  });

  it('moves the clock', async () => {
    expect((await change('/_local/clock', { offsetSeconds: -60.5 })).status).toBe(200);
    expect(calls).toEqual([['clock', -60.5]]);
  });

  it.each([{}, { offsetSeconds: '60' }, { offsetSeconds: null }, { offsetSeconds: 1e12 }, '{', '[]'])(
    'moves no clock for %j',
    async (body) => {
      expect((await change('/_local/clock', body)).status).toBe(400);
      expect(calls).toEqual([]);
    },
  );

  it('takes faults and event settings, and says what is wrong with them', async () => {
    const rule = { service: 'sqs', mode: 'fail' };
    expect((await change('/_local/faults', rule)).status).toBe(200);
    expect((await change('/_local/faults', {}, {}, 'DELETE')).status).toBe(200);
    expect((await change('/_local/events', { duplicateRate: 1 })).status).toBe(200);
    expect(calls).toEqual([['fault', rule], ['clear'], ['events', { duplicateRate: 1 }]]);
    expect((await change('/_local/faults', { service: 'sqs' })).status).toBe(400);
    expect((await change('/_local/events', { duplicateRate: -1 })).status).toBe(400);
    expect((await change('/_local/events', { everything: 1 })).status).toBe(400);
  });

  it("takes S3's own faults", async () => {
    const rule = { service: 's3', action: 'CompleteMultipartUpload', mode: 'lie-in-200' };
    expect((await change('/_local/faults', rule)).status).toBe(200);
    expect(calls).toEqual([['fault', rule]]);
    expect((await change('/_local/faults', { ...rule, service: 'sqs' })).status).toBe(400);
  });

  it('puts parts of zero bytes, and says what is wrong with a wish for them', async () => {
    const parts = { bucket: 'b', key: 'k', uploadId: 'i', count: 10_000, size: 5_242_880 };
    expect((await change('/_local/zero-parts', { region: 'euw1', ...parts })).status).toBe(200);
    expect(calls).toEqual([['zero-parts', 'euw1', parts]]);
    expect((await change('/_local/zero-parts', { region: 'euw1', ...parts, count: 10_001 })).status).toBe(400);
    expect((await change('/_local/zero-parts', { region: 'euw1', ...parts, size: 0 })).status).toBe(400);
    expect((await change('/_local/zero-parts', parts)).status).toBe(400);
  });

  it('changes nothing for a page of another origin, or without application/json', async () => {
    const clock = { offsetSeconds: 1 };
    expect((await change('/_local/clock', clock, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await change('/_local/clock', clock, { 'content-type': 'text/plain' })).status).toBe(415);
    expect(calls).toEqual([]);
    expect((await change('/_local/clock', clock, { origin: server.url })).status).toBe(200);
  });

  it('answers 404 with what there is', async () => {
    const answer = await fetch(`${server.url}/_local/nothing`);
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as { routes: string[] }).routes).toContain('GET /_local/places');
  });
});
