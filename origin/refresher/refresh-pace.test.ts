import { beforeEach, describe, expect, it } from 'vitest';
import { createTestEntry, createTestIssuer, createTestPolicy } from '../../core/identity/testing/issuers.ts';
import { ACME, createRefreshWorld, fetched, JWKS_URI } from '../testing/refresh-world.ts';
import { readWanted } from './read-wanted.ts';

let { own, provider, clock, chance, counts, refresh } = createRefreshWorld();

beforeEach(() => {
  ({ own, provider, clock, chance, counts, refresh } = createRefreshWorld());
});

const down = (): Promise<Uint8Array> => Promise.reject(new Error('down'));

/** Seconds from the last try to the next one. */
const pause = (): number => {
  const { triedAt = '', nextTryAt = '' } = own.keys().keys['acme'] ?? {};
  return (Date.parse(nextTryAt) - Date.parse(triedAt)) / 1_000;
};

describe('a provider', () => {
  it('is asked at most once in 30 s, whoever asks', async () => {
    await refresh();
    clock.now += 29_999;
    for (let time = 0; time < 50; time += 1) await refresh(new Set(['acme']));
    expect(provider.asked).toHaveLength(1);
    clock.now += 1;
    await refresh(new Set(['acme']));
    expect(provider.asked).toHaveLength(2);
  });

  it('that fails is left alone longer and longer, 5 minutes at most', async () => {
    provider.answer = down;
    chance.value = 0.999_999;
    const pauses: number[] = [];
    for (let time = 0; time < 5; time += 1) {
      await refresh();
      pauses.push(Math.round(pause()));
      clock.now += pause() * 1_000;
    }
    expect(pauses).toEqual([90, 270, 300, 300, 300]);
    expect(provider.asked).toHaveLength(5);
  });

  it('that fails is left alone for a time of chance, never less than 30 s', async () => {
    provider.answer = down;
    chance.value = 0;
    await refresh();
    expect(pause()).toBe(30);
    clock.now += 30_000;
    chance.value = 0.25;
    await refresh();
    expect(pause()).toBe(45);
  });

  it('that fails and comes back is asked every 30 s again', async () => {
    const good = provider.answer;
    provider.answer = down;
    await refresh();
    clock.now += 90_000;
    provider.answer = good;
    await refresh();
    expect(pause()).toBe(30);
    expect(own.keys().keys['acme']).toMatchObject({ status: 'ok' });
  });

  it('is asked again at once when the clock was set back', async () => {
    await refresh();
    clock.now -= 3_600_000;
    await refresh();
    expect(provider.asked).toHaveLength(2);
  });

  it('is asked at once when its address is new', async () => {
    await refresh();
    own.put('policy', createTestPolicy([{ ...fetched, keys: { jwksUri: 'https://new.example/' } }], { version: 6 }));
    await refresh();
    expect(provider.asked).toEqual([JWKS_URI, 'https://new.example/']);
  });

  it('is not asked when another issuer is wanted, and its copy stays', async () => {
    await refresh();
    clock.now += 60_000;
    await refresh(new Set(['globex', 'nobody']));
    expect(provider.asked).toHaveLength(1);
    expect(own.keys().keys['acme']).toMatchObject({ status: 'ok', fetchedAt: '2026-11-21T00:00:00.000Z' });
  });
});

describe('five hundred providers that never answer', () => {
  const many = Array.from({ length: 500 }, (_, index) =>
    createTestEntry(createTestIssuer(`slow-${index}`, 'EdDSA'), {
      keys: { jwksUri: `https://slow.example/${index}` },
    }),
  );

  it('do not keep the others from their keys, and all get their turn', async () => {
    own.put('policy', createTestPolicy([...many, fetched], { version: 6 }));
    // Every answer takes the 800 ms it may take; 64 are asked side by side.
    let waiting = 0;
    provider.answer = async () => {
      waiting += 1;
      if (waiting % 64 === 0) clock.now += 800;
      return down();
    };
    await refresh();
    const first = provider.asked.length;
    expect(first).toBeGreaterThan(64);
    expect(first).toBeLessThan(501);
    expect(own.keys().version).toBe(1);
    await refresh();
    expect(new Set(provider.asked).size).toBe(501);
  });
});

describe('a copy', () => {
  it('that does not say where it came from is not kept', async () => {
    const jwks = { keys: [ACME.publicJwk] };
    const acme = { jwks, fetchedAt: '2026-11-20T23:59:00.000Z', status: 'ok' };
    own.put('keys', { schema: 1, version: 1, checkedAt: '2026-11-20T23:59:00.000Z', keys: { acme } });
    provider.answer = down;
    await refresh();
    expect(own.keys().keys['acme']).toMatchObject({ jwks: { keys: [] }, fetchedAt: null });
  });

  it('never has a key of another issuer, even if one provider gives both', async () => {
    const globex = createTestIssuer('globex', 'ES384');
    own.put(
      'policy',
      createTestPolicy([fetched, createTestEntry(globex, { keys: { jwksUri: JWKS_URI } })], { version: 6 }),
    );
    provider.answer = JSON.stringify({ keys: [ACME.publicJwk, globex.publicJwk] });
    await refresh();
    const kidsOf = (id: string) => own.keys().keys[id]?.jwks.keys.map(({ kid }) => kid);
    expect(kidsOf('acme')).toEqual(['acme-1']);
    expect(kidsOf('globex')).toEqual(['globex-1']);
  });
});

describe('an alarm', () => {
  const withdrawals = () => counts.filter((count) => count.startsWith('KeySetWithdrawn'));
  /** By issuer for whoever looks, and in all for the alarm, which can only watch one set of dimensions. */
  const ONE = ['KeySetWithdrawn acme', 'KeySetWithdrawn'];

  it('rings at once and at every run while a provider has withdrawn its only key', async () => {
    await refresh();
    expect(withdrawals()).toEqual([]);
    provider.answer = '{"keys":[]}';
    for (let time = 0; time < 2; time += 1) {
      clock.now += 60_000;
      await refresh();
    }
    expect(withdrawals()).toEqual([...ONE, ...ONE]);
  });

  it('rings when every known key was replaced at one stroke', async () => {
    await refresh();
    provider.answer = JSON.stringify({ keys: [{ ...createTestIssuer('acme', 'ES256').publicJwk, kid: 'acme-2' }] });
    clock.now += 60_000;
    await refresh();
    expect(withdrawals()).toEqual(ONE);
    expect(own.keys().keys['acme']).toMatchObject({ jwks: { keys: [{ kid: 'acme-2' }] }, status: 'ok' });
  });

  it('stays silent when a key is added, or one of two withdrawn', async () => {
    await refresh();
    const next = { ...createTestIssuer('acme', 'ES256').publicJwk, kid: 'acme-2' };
    for (const keys of [[ACME.publicJwk, next], [next]]) {
      provider.answer = JSON.stringify({ keys });
      clock.now += 60_000;
      await refresh();
    }
    expect(withdrawals()).toEqual([]);
  });

  it('stays silent about a provider that never had a key, and about one that is only down', async () => {
    provider.answer = '{"keys":[]}';
    await refresh();
    provider.answer = JSON.stringify({ keys: [ACME.publicJwk] });
    clock.now += 60_000;
    await refresh();
    provider.answer = down;
    clock.now += 60_000;
    await refresh();
    expect(withdrawals()).toEqual([]);
    expect(counts).toContain('KeySetFetches acme failing');
    expect(counts).toContain('PolicyUnconfirmed 0');
  });
});

describe('what an invocation wants', () => {
  const asked = (...bodies: unknown[]) => ({ Records: bodies.map((body) => ({ body: JSON.stringify(body) })) });
  const acme = { v: 1, type: 'keys.asked', issuer: 'acme' };

  it('is the issuers its messages name', () => {
    expect(readWanted(asked(acme))).toEqual(new Set(['acme']));
    expect(readWanted(asked(acme, { ...acme, issuer: 'globex' }))).toEqual(new Set(['acme', 'globex']));
  });

  it.each([
    ['a schedule', { source: 'aws.events', detail: {} }],
    ['a publisher', asked({ v: 1, type: 'registry.published', version: 7 })],
    ['a publisher among asks', asked(acme, { v: 1, type: 'registry.published', version: 7 })],
    ['a message that is no JSON', { Records: [{ body: '{' }] }],
    ['nothing', undefined],
  ])('is everybody for %s', (_, event) => {
    expect(readWanted(event)).toBe('all');
  });
});
