import { describe, expect, it } from 'vitest';
import { CREATE, createWorld, jsonOf, type World } from './testing/world.ts';

const idOf = async (world: World, body: Record<string, unknown> = {}): Promise<string> =>
  jsonOf(await world.ask({ ...CREATE, body: { ...(CREATE.body as object), ...body } }))['id'] as string;

const headerOf = (headers: Record<string, { value: string }[]>, name: string): string | undefined =>
  headers[name]?.[0]?.value;

describe('forwarding', () => {
  it("goes to the API of the id's Region: domain, stage and host together", async () => {
    const world = createWorld();
    const id = await idOf(world, { preferRegion: 'apse2' });
    const request = await world.forward({ uri: `/v1/uploads/${id}` });
    expect(request.origin?.custom).toMatchObject({
      domainName: 'apse2.execute-api.ap-southeast-2.amazonaws.com',
      path: '/live',
      port: 443,
      protocol: 'https',
    });
    expect(headerOf(request.headers as never, 'host')).toBe('apse2.execute-api.ap-southeast-2.amazonaws.com');
    expect(request.uri).toBe(`/v1/uploads/${id}`);
    expect(request.method).toBe('GET');
    expect(request.clientIp).toBe('203.0.113.178');
  });

  it('passes an allow-list of headers, leaves what nobody may touch, and drops the rest', async () => {
    const world = createWorld();
    const id = await idOf(world);
    const request = await world.forward({
      uri: `/v1/uploads/${id}`,
      headers: {
        origin: 'https://app.example',
        'if-none-match': '"abc"',
        'content-type': 'text/plain',
        'idempotency-key': '0123456789abcdef',
        'x-nearput-budget-ms': '999999',
        'x-request-id': 'mine',
        'x-amzn-trace-id': 'Root=1-0-0',
        cookie: 'a=b',
        'x-nearput-config-1': 'evil',
      },
    });
    expect(Object.keys(request.headers).sort()).toEqual([
      'accept-encoding',
      'authorization',
      'host',
      'if-none-match',
      'origin',
      'via',
      'x-nearput-budget-ms',
      'x-request-id',
    ]);
    expect(headerOf(request.headers as never, 'x-request-id')).toBe('EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==');
    expect(request.headers['if-none-match']).toEqual([{ key: 'if-none-match', value: '"abc"' }]);
  });

  it('tells the origin the time that is left', async () => {
    const world = createWorld();
    const request = await world.forward({ uri: `/v1/uploads/${await idOf(world)}` });
    const left = Number(headerOf(request.headers as never, 'x-nearput-budget-ms'));
    expect(Number.isInteger(left)).toBe(true);
    expect(left).toBeGreaterThan(1_000);
    expect(left).toBeLessThanOrEqual(1_700);
  });

  it('removes its configuration from the origin, and only that', async () => {
    const world = createWorld();
    expect(Object.keys(world.customHeaders)).not.toHaveLength(0);
    const request = await world.forward({ uri: `/v1/uploads/${await idOf(world)}` });
    expect(Object.keys(request.origin?.custom?.customHeaders ?? {})).toEqual(['x-operator']);
  });

  it('keeps the body and its type on finalize', async () => {
    const world = createWorld();
    const id = await idOf(world);
    const event = { method: 'POST', uri: `/v1/uploads/${id}/finalize`, body: { checksum: {} } };
    const request = await world.forward(event);
    expect(request.body).toMatchObject({ action: 'read-only', data: 'eyJjaGVja3N1bSI6e319' });
    expect(headerOf(request.headers as never, 'content-type')).toBe('application/json');
    expect(headerOf(request.headers as never, 'content-length')).toBe('15');
  });

  it('takes finalize without a body, and one of 2 MiB', async () => {
    const world = createWorld();
    const uri = `/v1/uploads/${await idOf(world)}/finalize`;
    expect((await world.forward({ method: 'POST', uri })).uri).toBe(uri);
    const large = { method: 'POST', uri, body: {}, truncated: true, headers: { 'content-length': '2097152' } };
    expect((await world.forward(large)).uri).toBe(uri);
    const larger = await world.ask({ ...large, headers: { 'content-length': '2097153' } });
    expect([larger.status, jsonOf(larger)['code']]).toEqual([413, 'body_too_large']);
    const text = await world.ask({ ...large, headers: { 'content-type': 'text/plain' } });
    expect([text.status, jsonOf(text)['code']]).toEqual([415, 'media_type']);
  });

  it('writes the query again from the parameters it knows', async () => {
    const world = createWorld();
    const uri = `/v1/uploads/${await idOf(world)}`;
    expect((await world.forward({ uri, query: 'ttl=60&inline' })).querystring).toBe('ttl=60&inline=');
    expect((await world.forward({ uri, query: 'inline=a%26b+c&' })).querystring).toBe('inline=a%26b%20c');
    expect((await world.forward({ uri })).querystring).toBe('');
    const longest = `ttl=${'6'.repeat(2_044)}`;
    expect((await world.forward({ uri, query: longest })).querystring).toBe(longest);
  });

  it.each([
    ['an unknown parameter', 'ttl=60&debug=1', /takes ttl, inline/],
    ['a parameter of another route', 'limit=5', /takes ttl, inline/],
    ['a repeated parameter', 'ttl=60&ttl=61', /ttl once/],
    ['broken percent-encoding', 'ttl=%zz', /percent-encoded/],
    ['more than an API takes beside a token', `ttl=${'6'.repeat(2_045)}`, /at most 2048 characters/],
    ['a parameter named like a member of every object', 'constructor=1', /takes ttl, inline/],
  ])('refuses %s', async (_, query, advice) => {
    const world = createWorld();
    const answer = await world.ask({ uri: `/v1/uploads/${await idOf(world)}`, query });
    expect([answer.status, jsonOf(answer)['code']]).toEqual([400, 'request_invalid']);
    expect(jsonOf(answer)['detail']).toMatch(advice);
  });

  it('sends lists to the nearest allowed Region, drained or not', async () => {
    const world = createWorld({ drain: ['euw1'] });
    const request = await world.forward({ uri: '/v1/uploads', query: 'limit=10' });
    expect(request.origin?.custom?.domainName).toBe('euw1.execute-api.eu-west-1.amazonaws.com');
    expect(request.querystring).toBe('limit=10');
  });

  it('sends documents to the nearest Region that takes uploads, with their key and digest', async () => {
    const world = createWorld({ drain: ['euw1'] });
    const request = await world.forward({
      method: 'POST',
      uri: '/v1/documents',
      body: { a: 1 },
      headers: { 'idempotency-key': '0123456789abcdef', 'content-digest': 'sha-256=:abc=:' },
    });
    expect(request.origin?.custom?.domainName).toBe('use1.execute-api.us-east-1.amazonaws.com');
    expect(headerOf(request.headers as never, 'idempotency-key')).toBe('0123456789abcdef');
    expect(headerOf(request.headers as never, 'content-digest')).toBe('sha-256=:abc=:');
  });

  it('refuses HEAD on what an API answers', async () => {
    const answer = await createWorld().ask({ method: 'HEAD', uri: '/v1/uploads' });
    expect(answer).toMatchObject({ status: 405, body: '' });
    expect(answer.headers['allow']).toBe('POST, GET, OPTIONS');
  });
});
