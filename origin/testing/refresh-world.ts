import type { KeysDocument, RegistryDocumentName } from '../../core/contract/registry.ts';
import { createTestEntry, createTestIssuer, createTestPolicy } from '../../core/identity/testing/issuers.ts';
import { createRefresh, type Wanted } from '../refresher/refresh.ts';
import type { RegistryBucket, StoredDocument } from '../refresher/registry-bucket.ts';
import { SILENT, type Telemetry } from '../telemetry/telemetry.ts';

export const ACME = createTestIssuer('acme', 'ES256');
export const GLOBEX = createTestIssuer('globex', 'ES256');
export const JWKS_URI = 'https://acme.example/jwks.json';
export const NOW = Date.parse('2026-11-21T00:00:00.000Z');

/** Entries whose keys are fetched, and written into the entry. */
export const fetched = createTestEntry(ACME, { keys: { jwksUri: JWKS_URI } });
export const inline = createTestEntry(GLOBEX);

/** A registry bucket in memory that counts its ETags. */
export const createBucket = (): RegistryBucket & {
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

export type Provider = { answer: (() => Promise<Uint8Array>) | string; asked: string[] };

/** Two Regions with the same policy, one provider with one key, a refresher of the first Region, and a clock. */
export const createRefreshWorld = () => {
  const [own, other] = [createBucket(), createBucket()];
  for (const bucket of [own, other]) bucket.put('policy', createTestPolicy([fetched, inline], { version: 5 }));
  const provider: Provider = { answer: JSON.stringify({ keys: [ACME.publicJwk] }), asked: [] };
  const clock = { now: NOW };
  const chance = { value: 0.5 };
  /** `Name dimension…` of each count, `Name value` of each number. */
  const counts: string[] = [];
  const telemetry: Telemetry = {
    ...SILENT,
    measure: {
      ...SILENT.measure,
      count: (name, by) => void counts.push([name, ...Object.values(by)].join(' ')),
      number: (name, value) => void counts.push(`${name} ${value}`),
    },
  };
  const run = createRefresh({
    own,
    others: new Map([['use1', other]]),
    fetchKeySet: async (url) => {
      provider.asked.push(url);
      return typeof provider.answer === 'string' ? Buffer.from(provider.answer) : provider.answer();
    },
    now: () => clock.now,
    random: () => chance.value,
    telemetry,
  });
  return {
    own,
    other,
    provider,
    clock,
    chance,
    counts,
    refresh: (wanted: Wanted = 'all') => run(AbortSignal.timeout(5_000), wanted),
  };
};
