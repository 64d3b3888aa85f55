import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { goodEntry } from '../testing/entries.ts';
import { entriesFolder } from '../testing/entries-folder.ts';
import { memoryOperator } from '../testing/memory-operator.ts';
import { storedPolicy, threeRegions } from '../testing/memory-regions.ts';
import { publish } from './publish.ts';
import { revoke } from './revoke.ts';
import { rollback } from './rollback.ts';
import { status } from './status.ts';

let folder: ReturnType<typeof entriesFolder>;
beforeEach(() => {
  folder = entriesFolder();
});
afterEach(() => folder.remove());

const acme = goodEntry('acme');
const YES = { yes: true, reason: null };
const live = (...issuers: unknown[]) => threeRegions(storedPolicy(4, { issuers, drain: ['use1'] }));
const copy = (status: string, fetchedAt: string | null) => ({
  jwks: { keys: [{}, {}] },
  fetchedAt,
  status,
  jwksUri: 'https://acme.example/',
});
const keysOf = (keys: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ schema: 1, version: 9, checkedAt: '2026-11-20T23:59:30.000Z', keys });

describe('issuers status', () => {
  it('tells version, digest, faulty entries and keys of every Region', async () => {
    const { regions, euw1 } = live(acme, { ...goodEntry('globex'), status: 'on' });
    await euw1.store.write(
      'registry/keys.json',
      JSON.stringify({
        schema: 1,
        version: 9,
        checkedAt: '2026-11-20T23:59:30.000Z',
        keys: {
          acme: {
            jwks: { keys: [{}] },
            fetchedAt: '2026-11-20T20:00:00.000Z',
            status: 'failing',
            jwksUri: 'https://acme.example/',
          },
        },
      }),
      null,
    );
    const operator = memoryOperator(regions);
    expect(await status(operator)).toBe(0);
    const lines = operator.stdout();
    expect(lines[0]).toMatch(/^euw1 {3}version 4, 2 issuers, published 24 h ago by test, digest [0-9a-f]{12}$/);
    expect(lines[1]).toMatch(/^euw1 {3}entry globex LETS NOBODY IN: \/status must be/);
    expect(lines[2]).toMatch(/^euw1 {3}keys version 9, policy compared with another Region's \d+ s ago$/);
    expect(lines[3]).toBe('euw1   acme: 1 key, fetched 4 h ago, FAILING');
    expect(lines).toContain('use1   no keys.json yet');
  });

  it('exits with 1 when Regions differ, and names those behind', async () => {
    const { regions, use1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }));
    use1.store.faults.failWrites = true;
    await publish(operator, folder.path, YES);
    operator.stderr();
    expect(await status(operator)).toBe(1);
    expect(operator.stderr()).toEqual(['nearput: Regions differ: use1; issuers publish brings them together']);
  });

  it('exits with 1 when a Region does not answer, and does not say that it differs', async () => {
    const { regions, use1 } = live(acme);
    const operator = memoryOperator(regions);
    use1.store.faults.down = true;
    expect(await status(operator)).toBe(1);
    expect(operator.stderr()).toEqual(['nearput: not known how use1 stands: ask again when it answers']);
  });

  it('exits with 1 when nothing is published', async () => {
    expect(await status(memoryOperator(threeRegions(null).regions))).toBe(1);
  });

  it('sums up key sets without trouble, and names each of the others', async () => {
    const { regions, euw1 } = live(acme);
    const keys = {
      acme: copy('ok', '2026-11-20T23:59:00.000Z'),
      globex: copy('ok', '2026-11-20T23:50:00.000Z'),
      initech: copy('withdrawn', '2026-11-20T20:00:00.000Z'),
      umbrella: copy('failing', null),
    };
    await euw1.store.write('registry/keys.json', keysOf(keys), null);
    const operator = memoryOperator(regions);
    await status(operator);
    expect(operator.stdout().slice(2, 5)).toEqual([
      expect.stringMatching(/^euw1 {3}2 of 4 key sets fetched without trouble, the oldest 10 min ago \(globex\)$/),
      'euw1   initech: 2 keys, fetched 4 h ago, WITHDRAWN',
      'euw1   umbrella: 2 keys, fetched never, FAILING',
    ]);
    const asJson = memoryOperator(regions, { json: true });
    await status(asJson);
    const issuers = asJson.stdout().flatMap((line) => (JSON.parse(line) as { issuer?: string }).issuer ?? []);
    expect(issuers).toEqual(['acme', 'globex', 'initech', 'umbrella']);
  });

  it('tells the last changes, newest first, without tries that lost', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    folder.write(goodEntry('acme', { note: 'x' }));
    await publish(operator, folder.path, { yes: true, reason: 'a note' });
    await revoke(operator, 'acme', { subject: 'eve' }, 'left');
    await rollback(operator, 4, YES);
    const lost = {
      at: '2026-11-21T00:00:09.000Z',
      action: 'publish',
      who: 'bert',
      reason: null,
      version: 7,
      replaced: [],
    };
    await euw1.store.write(`registry/audit/${lost.at}-${'0'.repeat(64)}.json`, JSON.stringify(lost), null);
    operator.stdout();
    expect(await status(operator)).toBe(0);
    const anna = 'by arn:aws:iam::123456789012:user/anna';
    expect(operator.stdout().filter((line) => line.startsWith('version '))).toEqual([
      expect.stringMatching(`^version 7 came \\d+ s ago by rollback \\(to version 4\\), ${anna}$`),
      expect.stringMatching(`^version 6 came \\d+ s ago by revoke \\(left\\), ${anna}$`),
      expect.stringMatching(`^version 5 came \\d+ s ago by publish \\(a note\\), ${anna}$`),
    ]);
    expect(operator.stderr().at(-1)).toBe('all Regions hold version 7');
  });

  it('tells five changes at most, and goes on without an audit log', async () => {
    const { regions, euw1 } = live(acme);
    const operator = memoryOperator(regions);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await revoke(operator, 'acme', { subject: name }, name);
    operator.stdout();
    await status(operator);
    expect(operator.stdout().filter((line) => line.startsWith('version '))).toHaveLength(5);
    euw1.store.list = () => Promise.reject(new Error('AccessDenied'));
    expect(await status(operator)).toBe(0);
    expect(operator.stderr()).toContain('the audit log cannot be read: AccessDenied');
  });
});
