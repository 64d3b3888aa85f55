import { beforeEach, describe, expect, it } from 'vitest';
import type { KeysDocument, RegistryDocumentName } from '../../core/contract/registry.ts';
import { createTestEntry, createTestIssuer, createTestPolicy } from '../../core/identity/testing/issuers.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createRefresh } from './refresh.ts';
import type { RegistryBucket, StoredDocument } from './registry-bucket.ts';

const ACME = createTestIssuer('acme', 'ES256');
const GLOBEX = createTestIssuer('globex', 'ES256');
const JWKS_URI = 'https://acme.example/jwks.json';
const NOW = Date.parse('2026-11-21T00:00:00.000Z');

const fetched = createTestEntry(ACME, { keys: { jwksUri: JWKS_URI } });
const inline = createTestEntry(GLOBEX);

/** A registry bucket in memory that counts its ETags. */
const createBucket = (): RegistryBucket & {
  put(name: RegistryDocumentName, value: unknown): void;
  keys(): KeysDocument;
} => {
  const documents = new Map<RegistryDocumentName, StoredDocument>();
  let writes = 0;
  const put = (name: RegistryDocumentName, value: unknown): void => {
    writes += 1;
    documents.set(name, { body: typeof value === 'string' ? value : JSON.stringify(value), etag: `"${writes}"` });
  };
  return {
    read: async (name) => documents.get(name) ?? null,
    writeKeys: async (document, etag) => {
      if ((documents.get('keys')?.etag ?? null) !== etag) return false;
      put('keys', document);
      return true;
    },
    put,
    keys: () => JSON.parse(documents.get('keys')?.body ?? 'null') as KeysDocument,
  };
};

let own: ReturnType<typeof createBucket>;
let other: ReturnType<typeof createBucket>;
let provider: { answer: (() => Promise<Uint8Array>) | string; asked: string[] };
let now: number;

beforeEach(() => {
  own = createBucket();
  other = createBucket();
  own.put('policy', createTestPolicy([fetched, inline], { version: 5 }));
  other.put('policy', createTestPolicy([fetched, inline], { version: 5 }));
  provider = { answer: JSON.stringify({ keys: [ACME.publicJwk] }), asked: [] };
  now = NOW;
});

const refresh = () =>
  createRefresh({
    own,
    others: new Map([['use1', other]]),
    fetchKeySet: async (url) => {
      provider.asked.push(url);
      return typeof provider.answer === 'string' ? Buffer.from(provider.answer) : provider.answer();
    },
    now: () => now,
    telemetry: SILENT,
  })(AbortSignal.timeout(5_000));

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
    now += 60_000;
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
    now += 60_000;
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

  it('loses to another run and writes nothing', async () => {
    await refresh();
    const answer = provider.answer;
    provider.answer = async () => {
      own.put('keys', { ...own.keys(), version: 2 });
      return Buffer.from(String(answer));
    };
    expect(await refresh()).toEqual({ written: false, version: 2 });
    expect(own.keys().version).toBe(2);
  });

  it('replaces a copy nobody can read by one with a higher version', async () => {
    own.put('keys', 'broken');
    expect(await refresh()).toEqual({ written: true, version: NOW / 1_000 });
  });

  it.each([
    ['is not there', null],
    ['is broken', '{}'],
  ])('throws and writes nothing when policy.json %s', async (_name, body) => {
    own = createBucket();
    if (body !== null) own.put('policy', body);
    await expect(refresh()).rejects.toThrow(/policy\.json/);
    expect(own.keys()).toBeNull();
  });
});
