import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createTestPolicy } from '../../core/identity/testing/issuers.ts';
import { createRefreshWorld, fetched, inline, JWKS_URI, NOW } from '../testing/refresh-world.ts';

let { own, other, provider, clock, refresh } = createRefreshWorld();

beforeEach(() => {
  ({ own, other, provider, clock, refresh } = createRefreshWorld());
});

describe('the refresher', () => {
  it('writes the first copy of every fetched set and none of the inline ones', async () => {
    expect(await refresh()).toEqual({ written: true, version: 1 });
    expect(own.keys()).toEqual({
      schema: 1,
      version: 1,
      checkedAt: '2026-11-21T00:00:00.000Z',
      keys: {
        acme: {
          jwks: { keys: [expect.objectContaining({ kid: 'acme-1', kty: 'EC' })] },
          fetchedAt: '2026-11-21T00:00:00.000Z',
          status: 'ok',
          jwksUri: JWKS_URI,
          triedAt: '2026-11-21T00:00:00.000Z',
          nextTryAt: '2026-11-21T00:00:30.000Z',
        },
      },
    });
    expect(provider.asked).toEqual([JWKS_URI]);
  });

  it('raises the version with every run', async () => {
    await refresh();
    expect((await refresh()).version).toBe(2);
    expect((await refresh()).version).toBe(3);
  });

  it.each([
    ['an error', () => Promise.reject(new Error('down')), 'failing'],
    ['something else', '<html>', 'failing'],
    ['a list', '[]', 'failing'],
    ['an empty set', '{"keys":[]}', 'withdrawn'],
    ['only weak keys', '{"keys":[{"kty":"oct","k":"AAAA","kid":"x"}]}', 'withdrawn'],
  ])('keeps the good copy when the provider gives %s', async (_name, answer, status) => {
    await refresh();
    provider.answer = answer;
    clock.now += 60_000;
    await refresh();
    expect(own.keys().keys['acme']).toMatchObject({
      jwks: { keys: [{ kid: 'acme-1' }] },
      fetchedAt: '2026-11-21T00:00:00.000Z',
      status,
    });
    expect(own.keys().checkedAt).toBe('2026-11-21T00:01:00.000Z');
  });

  it('has no keys for an issuer whose provider never gave a set', async () => {
    provider.answer = () => Promise.reject(new Error('down'));
    await refresh();
    expect(own.keys().keys['acme']).toEqual({
      jwks: { keys: [] },
      fetchedAt: null,
      status: 'failing',
      jwksUri: JWKS_URI,
      triedAt: '2026-11-21T00:00:00.000Z',
      // 30 s plus half of what lies between 30 s and three times 30 s.
      nextTryAt: '2026-11-21T00:01:00.000Z',
    });
  });

  it('never carries a set over to another address', async () => {
    await refresh();
    own.put(
      'policy',
      createTestPolicy([{ ...fetched, keys: { jwksUri: 'https://new.example/jwks.json' } }], { version: 6 }),
    );
    provider.answer = () => Promise.reject(new Error('down'));
    await refresh();
    expect(own.keys().keys['acme']).toMatchObject({ jwks: { keys: [] }, fetchedAt: null });
  });

  it('does not ask the provider of a disabled issuer', async () => {
    own.put('policy', createTestPolicy([{ ...fetched, status: 'disabled' }], { version: 6 }));
    await refresh();
    expect(provider.asked).toEqual([]);
  });

  it('drops the copy of an issuer that left', async () => {
    await refresh();
    own.put('policy', createTestPolicy([inline], { version: 6 }));
    await refresh();
    expect(own.keys().keys).toEqual({});
  });

  it.each([
    ['another Region has a newer policy', () => other.put('policy', createTestPolicy([], { version: 6 }))],
    ['the other Region cannot be read', () => other.put('policy', 'x')],
  ])('does not confirm its policy when %s', async (_name, change) => {
    await refresh();
    change();
    clock.now += 60_000;
    await refresh();
    expect(own.keys()).toMatchObject({ version: 2, checkedAt: '2026-11-21T00:00:00.000Z' });
  });

  it('confirms its policy when the other Region has an older one', async () => {
    other.put('policy', createTestPolicy([], { version: 4 }));
    await refresh();
    expect(own.keys().checkedAt).toBe('2026-11-21T00:00:00.000Z');
  });

  it('says 1970 when its policy was never confirmed', async () => {
    other.put('policy', createTestPolicy([], { version: 6 }));
    await refresh();
    expect(own.keys().checkedAt).toBe('1970-01-01T00:00:00.000Z');
  });

  it('starts anew when another run came first, with what it has fetched', async () => {
    const good = String(provider.answer);
    provider.answer = async () => {
      own.put('keys', { schema: 1, version: 9, checkedAt: '2026-11-21T00:00:00.000Z', keys: {} });
      return Buffer.from(good);
    };
    expect(await refresh()).toEqual({ written: true, version: 10 });
    expect(own.keys().keys['acme']?.status).toBe('ok');
    expect(provider.asked).toHaveLength(1);
  });

  it('gives up when other runs come first three times', async () => {
    await refresh();
    const writeKeys = vi.spyOn(own, 'writeKeys').mockResolvedValue(false);
    expect(await refresh()).toEqual({ written: false, version: 2 });
    expect(writeKeys).toHaveBeenCalledTimes(3);
    expect(own.keys().version).toBe(1);
  });

  it('replaces a copy nobody can read by one with a higher version', async () => {
    own.put('keys', 'broken');
    expect(await refresh()).toEqual({ written: true, version: NOW / 1_000 });
  });

  it.each([
    ['is not there', null],
    ['is broken', '{}'],
  ])('throws and writes nothing when policy.json %s', async (_name, body) => {
    const read = vi.spyOn(own, 'read').mockResolvedValue(body === null ? null : { body, etag: '"1"' });
    await expect(refresh()).rejects.toThrow(/policy\.json/);
    expect(read).toHaveBeenCalled();
    expect(own.keys()).toBeNull();
  });
});
