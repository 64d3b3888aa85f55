import { describe, expect, it } from 'vitest';
import type { IssuerEntry } from '../core/contract/issuer-entry.ts';
import { createTestIssuer } from './testing/issuer.ts';
import { createWorld, type World, type WorldInput } from './testing/world.ts';

const JWKS_URI = 'https://issuer.example/acme/jwks.json';
const fetched: Partial<IssuerEntry> = { keys: { jwksUri: JWKS_URI } };

/** A world whose first issuer's keys are fetched, and have not been asked for by anybody for an hour. */
const createFetchedWorld = (input: WorldInput = {}): World => {
  const world = createWorld({ issuers: (now) => [createTestIssuer('acme', now, fetched)], ...input });
  const stranger = createTestIssuer('acme', () => 0).entry.keys.jwks;
  Object.assign(world.documents.keys.keys, {
    acme: { jwks: stranger, fetchedAt: '2026-11-21T11:00:00.000Z', status: 'ok', jwksUri: JWKS_URI },
  });
  return world;
};

const asksOf = (world: World) =>
  world.sent
    .filter(({ body }) => body?.includes('keys.asked'))
    .map(({ url, body = '' }) => ({ url, ...(JSON.parse(body) as Record<string, string>) }));

const unknownKey = (world: World, kid = 'acme-2') =>
  world.ask({ headers: { authorization: `Bearer ${world.first.token({}, { kid })}` } });

describe('a token whose key is unknown', () => {
  it('asks the refresher of the Region whose keys were read, and is refused', async () => {
    const world = createFetchedWorld();
    expect(await unknownKey(world)).toMatchObject({ status: 401, headers: { 'retry-after': '30' } });
    expect(asksOf(world)).toEqual([
      {
        url: 'https://sqs.eu-west-1.amazonaws.com/',
        QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/nearput-prod-refresh.fifo',
        MessageBody: '{"v":1,"type":"keys.asked","issuer":"acme"}',
        MessageGroupId: 'acme',
        // 2026-11-21T12:00:00Z in halves of minutes since 1970.
        MessageDeduplicationId: 'acme-59842080',
      },
    ]);
    expect(world.logged()).toMatchObject({ reason: 'kid_unknown', keyAsk: 'sent', KeyAsks: 1, issuer: 'acme' });
  });

  it('asks once in 30 s, however many come and whatever they are called', async () => {
    const world = createFetchedWorld();
    for (let index = 0; index < 40; index += 1) await unknownKey(world, `made-up-${index}`);
    expect(asksOf(world)).toHaveLength(1);
    world.advance(30_000);
    await unknownKey(world);
    expect(asksOf(world)).toHaveLength(2);
  });

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    ['refuses', () => Promise.resolve({ status: 400, headers: {}, body: '{}' })],
  ])('gets the same answer when the queue %s', async (_, queue) => {
    const good = await unknownKey(createFetchedWorld());
    const world = createFetchedWorld({ queue });
    expect(await unknownKey(world)).toEqual(good);
    expect(world.logged()).toMatchObject({ keyAsk: 'failed', keyAskError: expect.any(String) });
  });

  it('asks nobody when the keys are inline, were asked for just now, or the token has another fault', async () => {
    const inline = createWorld();
    await unknownKey(inline);
    expect(asksOf(inline)).toEqual([]);

    const asked = createFetchedWorld();
    const [copy] = Object.values(asked.documents.keys.keys) as Record<string, unknown>[];
    Object.assign(copy ?? {}, { triedAt: '2026-11-21T11:59:30.000Z' });
    await unknownKey(asked);
    expect(asksOf(asked)).toEqual([]);

    const ended = createFetchedWorld();
    await ended.ask({ headers: { authorization: `Bearer ${ended.first.token({ aud: 'other' }, { kid: 'acme-2' })}` } });
    expect(asksOf(ended)).toEqual([]);
  });

  it('looks like a token of an unknown issuer', async () => {
    const world = createFetchedWorld();
    const known = await unknownKey(world);
    const token = world.first.token({ iss: 'https://elsewhere.example' });
    const unknown = await world.ask({ headers: { authorization: `Bearer ${token}` } });
    expect(unknown).toEqual(known);
  });
});

describe('the log of a token', () => {
  it('has issuer, kid, class and a short hash of its jti', async () => {
    const world = createWorld();
    await world.ask({ headers: { authorization: `Bearer ${world.first.token({ jti: 'token-1' })}` } });
    expect(world.logged()).toMatchObject({
      issuer: 'acme',
      kid: 'acme-1',
      tokenClass: 'accepted',
      tokenId: 'PwiqzhIu4jaE',
      Tokens: 1,
      GatePolicyVersion: 7,
    });
    expect(world.lines.join()).not.toContain('token-1');
  });

  it('has the class of a header that holds no token', async () => {
    const world = createWorld();
    await world.ask({ headers: { authorization: undefined } });
    expect(world.logged()).toMatchObject({ tokenClass: 'authorization_absent', issuer: 'unknown', kid: null });
  });
});
