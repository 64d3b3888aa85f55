import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestEntry, createTestIssuer, NOW_MS, signToken } from '../../../core/identity/testing/issuers.ts';
import { storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { explainToken } from './explain-token.ts';
import { loadFolderRegistry, loadLiveRegistry } from './load-registry.ts';

const acme = createTestIssuer('acme', 'ES256');
const URI = 'https://acme.example/jwks.json';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-explain-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: unknown): string => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};
const reasonBy = async ({ registry }: { registry: Parameters<typeof explainToken>[1] }): Promise<string> =>
  (await explainToken(signToken(acme), registry, NOW_MS)).refusal?.reason ?? 'accepted';

describe('a folder', () => {
  it('is a registry of its entries', async () => {
    write('acme.json', createTestEntry(acme));
    expect(await reasonBy(loadFolderRegistry(folder, undefined, NOW_MS))).toBe('accepted');
  });

  it('has no fetched keys, says so, and takes a key set in their stead', async () => {
    write('acme.json', createTestEntry(acme, { keys: { jwksUri: URI } }));
    const without = loadFolderRegistry(folder, undefined, NOW_MS);
    expect(without.warnings.join()).toContain('--jwks FILE for acme');
    expect(await reasonBy(without)).toBe('keys_absent');
    const other = mkdtempSync(join(tmpdir(), 'nearput-jwks-'));
    const jwks = join(other, 'keys');
    writeFileSync(jwks, JSON.stringify({ keys: [acme.publicJwk] }));
    expect(await reasonBy(loadFolderRegistry(folder, jwks, NOW_MS))).toBe('accepted');
    rmSync(other, { recursive: true });
  });

  it('says which entries count for nothing, as at the gate', async () => {
    write('acme.json', { ...createTestEntry(acme), status: 'on' });
    const loaded = loadFolderRegistry(folder, undefined, NOW_MS);
    expect(loaded.warnings).toEqual([expect.stringMatching(/^entry acme counts for nothing: \/status must be/)]);
    expect(await reasonBy(loaded)).toBe('issuer_unknown');
  });
});

describe('the published registry', () => {
  it('is read from the first Region that gives it', async () => {
    const { regions, euw1 } = threeRegions(storedPolicy(7, { issuers: [createTestEntry(acme)] }));
    euw1.store.faults.down = true;
    const loaded = await loadLiveRegistry(regions);
    expect(loaded.from).toBe('the registry of use1 (policy version 7, keys version 0)');
    expect(await reasonBy(loaded)).toBe('accepted');
  });

  it('is an error with every Region’s reason when none does', async () => {
    await expect(loadLiveRegistry(threeRegions(null).regions)).rejects.toThrow(/euw1: it has no policy.json; use1/);
  });
});
