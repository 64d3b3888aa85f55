import { describe, expect, it } from 'vitest';
import { escapeUnverified } from './log.ts';
import { CREATE, createWorld, GOOD_BODY, jsonOf, SECRET, SESSION } from './testing/world.ts';

type Directive = { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] };

const directivesOf = (line: Record<string, unknown>): Directive[] =>
  (line['_aws'] as { CloudWatchMetrics: Directive[] }).CloudWatchMetrics;

const metricNames = (line: Record<string, unknown>): string[] =>
  directivesOf(line).flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));

describe('the log', () => {
  it('has one line of JSON for each request', async () => {
    const world = createWorld();
    await world.ask(CREATE);
    await world.ask({ uri: '/v1/nothing' });
    await world.forward({ uri: '/v1/uploads' });
    expect(world.lines).toHaveLength(3);
    for (const line of world.lines) expect(line).not.toContain('\n');
  });

  it('tells of a create what an operator asks', async () => {
    const world = createWorld();
    const { id } = jsonOf(await world.ask(CREATE));
    expect(world.logged()).toMatchObject({
      level: 'INFO',
      timestamp: '2026-11-21T12:00:00.000Z',
      service: 'gate',
      requestId: 'EXAMPLEqYl8aZ0cM2n4p6r8t0v2x4z6B8d0f2h4j6l8==',
      env: 'prod',
      route: 'createUpload',
      method: 'POST',
      status: 201,
      code: null,
      reason: null,
      issuer: 'acme',
      kid: 'acme-1',
      region: 'euw1',
      regionReason: 'viewer-location',
      uploadId: id,
      created: 'sent',
      policyVersion: 7,
      coldStart: true,
      Creates: 1,
      CreatedEventFailures: 0,
      GateColdStarts: 1,
      GateRegistryAge: 0,
    });
    expect(Object.keys(world.logged()['stepsMs'] as object)).toEqual(['registry', 'token', 'choose', 'sign', 'event']);
  });

  it('counts one cold start', async () => {
    const world = createWorld();
    await world.ask({});
    await world.ask({});
    expect(world.logged()).toMatchObject({ coldStart: false });
    expect(metricNames(world.logged())).not.toContain('GateColdStarts');
  });

  it('tells of a refusal its exact class, which the caller does not learn', async () => {
    const world = createWorld();
    const answer = await world.ask({ headers: { authorization: `Bearer ${world.first.token({}, { kid: 'gone' })}` } });
    expect(world.logged()).toMatchObject({
      status: 401,
      code: 'token_untrusted',
      reason: 'kid_unknown',
      issuer: 'acme',
      kid: 'gone',
      Refusals: 1,
    });
    expect(answer.body).not.toMatch(/kid|acme|gone/);
  });

  it('takes its dimensions from configured names alone', async () => {
    const world = createWorld();
    const token = world.first.token({ iss: 'https://attacker.example' }, { kid: 'attacker' });
    await world.ask({ headers: { authorization: `Bearer ${token}` } });
    const line = world.logged();
    expect(line).toMatchObject({ issuer: 'unknown', code: 'token_untrusted', route: 'whoami', env: 'prod' });
    expect(directivesOf(line).map(({ Dimensions }) => Dimensions)).toEqual([
      [['env', 'route']],
      [['env']],
      [['env', 'code', 'issuer']],
      [['env', 'issuer', 'tokenClass']],
    ]);
    for (const { Namespace } of directivesOf(line)) expect(Namespace).toBe('nearput');
  });

  it('has a value for every metric it names', async () => {
    const world = createWorld();
    await world.ask(CREATE);
    await world.ask({ ...CREATE, body: {} });
    for (const text of world.lines) {
      const line = JSON.parse(text) as Record<string, unknown>;
      for (const name of metricNames(line)) expect(typeof line[name], name).toBe('number');
    }
  });

  it('never holds a token, a key, a signature, a query, a name or metadata', async () => {
    const world = createWorld();
    const token = world.first.token();
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'idempotency-0123456789' };
    const body = { ...GOOD_BODY, name: 'secret-name.jpg', metadata: { secret: 'secret-value' } };
    const created = jsonOf(await world.ask({ ...CREATE, body, headers }));
    const id = created['id'] as string;
    const { url } = created['put'] as { url: string };
    await world.ask({ method: 'POST', uri: `/v1/uploads/${id}/renew`, body, headers });
    await world.forward({ uri: `/v1/uploads/${id}`, query: 'ttl=77', headers });
    await world.ask({ uri: `/v1/uploads/${id}`, query: 'secret-parameter=1', headers });
    await world.ask({ headers: { authorization: `Bearer ${token.slice(0, -3)}AAA` } });
    await world.ask({ headers: { authorization: `Basic ${token}` } });
    const log = world.lines.join('\n');
    const [head = '', claims = '', signature = ''] = token.split('.');
    const query = new URL(url).searchParams;
    for (const secret of [
      head,
      claims,
      signature,
      SECRET,
      SESSION,
      'AKIDEXAMPLE',
      query.get('X-Amz-Signature') ?? 'missing',
      'X-Amz',
      'idempotency-0123456789',
      'secret-',
      'ttl=77',
    ]) {
      expect(log.includes(secret), secret).toBe(false);
    }
  });

  it('escapes and cuts what nobody vouches for', async () => {
    const world = createWorld();
    const kid = `"\u202e${'x'.repeat(100)}`;
    await world.ask({ headers: { authorization: `Bearer ${world.first.token({}, { kid })}` } });
    expect(world.logged()['kid']).toBe(`"\\u202e${'x'.repeat(57)}`);
    expect(world.lines.at(-1)).not.toContain('\u202e');
  });

  it('cuts before and after escaping', () => {
    expect(escapeUnverified('ü'.repeat(64))).toHaveLength(64);
    expect(escapeUnverified('a'.repeat(65))).toBe('a'.repeat(64));
  });
});
