import { describe, expect, it } from 'vitest';
import type { RegistryStore } from './registry-store.ts';

const bodiesOf = async (history: AsyncIterable<string>): Promise<readonly string[]> => {
  const bodies: string[] = [];
  for await (const body of history) bodies.push(body);
  return bodies;
};

/** What every registry store must do. `open` gives a store on an empty bucket that keeps versions. */
export const registryStoreSuite = (name: string, open: () => Promise<RegistryStore>): void => {
  describe(name, () => {
    it('has nothing where nothing was written', async () => {
      const store = await open();
      expect(await store.read('registry/policy.json')).toBeNull();
      expect(await store.list('registry/')).toEqual([]);
      expect(await bodiesOf(store.history('registry/policy.json'))).toEqual([]);
    });

    it('gives back what was written, also beyond ASCII', async () => {
      const store = await open();
      expect(await store.write('registry/policy.json', '{"note":"Grüße 日本"}', null)).toBe('written');
      expect((await store.read('registry/policy.json'))?.body).toBe('{"note":"Grüße 日本"}');
    });

    it('creates only where nothing is', async () => {
      const store = await open();
      await store.write('registry/policy.json', 'one', null);
      expect(await store.write('registry/policy.json', 'two', null)).toBe('conflict');
      expect((await store.read('registry/policy.json'))?.body).toBe('one');
    });

    it('replaces exactly the version that was read', async () => {
      const store = await open();
      await store.write('registry/policy.json', 'one', null);
      const first = await store.read('registry/policy.json');
      expect(await store.write('registry/policy.json', 'two', first?.etag ?? null)).toBe('written');
      expect(await store.write('registry/policy.json', 'three', first?.etag ?? null)).toBe('conflict');
      expect((await store.read('registry/policy.json'))?.body).toBe('two');
    });

    it('does not replace what is not there', async () => {
      const store = await open();
      expect(await store.write('registry/policy.json', 'one', '"0cc175b9c0f1b6a831c399e269772661"')).toBe('conflict');
      expect(await store.read('registry/policy.json')).toBeNull();
    });

    it('lets one of many writers win', async () => {
      const store = await open();
      await store.write('registry/policy.json', 'start', null);
      const etag = (await store.read('registry/policy.json'))?.etag ?? null;
      const bodies = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
      const results = await Promise.all(bodies.map((body) => store.write('registry/policy.json', body, etag)));
      expect(results.filter((result) => result === 'written')).toHaveLength(1);
      expect((await store.read('registry/policy.json'))?.body).toBe(bodies[results.indexOf('written')]);
    });

    it('lists keys under a prefix in order, and no others', async () => {
      const store = await open();
      for (const key of ['registry/audit/b', 'registry/audit/a', 'registry/policy.json', 'registry/audit-not']) {
        await store.write(key, key, null);
      }
      expect(await store.list('registry/audit/')).toEqual(['registry/audit/a', 'registry/audit/b']);
    });

    it('keeps every version, newest first, apart from keys that begin alike', async () => {
      const store = await open();
      await store.write('registry/policy.json', 'one', null);
      await store.write('registry/policy.json', 'two', (await store.read('registry/policy.json'))?.etag ?? null);
      await store.write('registry/policy.json.old', 'other', null);
      expect(await bodiesOf(store.history('registry/policy.json'))).toEqual(['two', 'one']);
    });
  });
};
