import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseIssuerEntry } from '../../core/contract/issuer-entry.ts';
import { NO_REVOCATIONS, type PolicyDocument } from '../../core/contract/registry.ts';
import { readEntries, testEntries } from './entries.ts';
import { LOCAL_PUBLISHER, nextDocument } from './publish.ts';

const NOW = Date.UTC(2026, 0, 2);
const entries = testEntries('http://127.0.0.1:4000', ['euw1', 'use1']);

const published = (change: Partial<PolicyDocument> = {}): PolicyDocument => ({
  schema: 1,
  version: 7,
  publishedAt: '2026-01-01T00:00:00.000Z',
  publishedBy: LOCAL_PUBLISHER,
  issuers: entries,
  drain: [],
  revocations: NO_REVOCATIONS,
  ...change,
});

describe('the test issuers’ entries', () => {
  it('are entries as the registry takes them', () => {
    for (const entry of entries)
      expect(parseIssuerEntry(JSON.parse(JSON.stringify(entry)))).toMatchObject({ ok: true });
    expect(entries.map(({ id, algorithms }) => [id, algorithms[0]])).toEqual([
      ['local', 'RS256'],
      ['acme', 'PS256'],
      ['globex', 'ES256'],
      ['initech', 'ES384'],
      ['umbrella', 'EdDSA'],
    ]);
  });
});

describe('publishing', () => {
  it('begins at version 1', () => {
    expect(nextDocument(null, entries, NOW)).toMatchObject({
      version: 1,
      publishedAt: '2026-01-02T00:00:00.000Z',
      publishedBy: 'nearput-local',
      drain: [],
    });
  });

  it('changes nothing when the entries are the same', () => {
    const before = published();
    expect(nextDocument(before, testEntries('http://127.0.0.1:4000', ['euw1', 'use1']), NOW)).toBe(before);
  });

  it('raises the version when they differ, and keeps drains and revocations', () => {
    const revocations = {
      ...NO_REVOCATIONS,
      disabled: [{ issuer: 'acme', at: '2026-01-01T00:00:00.000Z', reason: 'test' }],
    };
    const moved = testEntries('http://127.0.0.1:4001', ['euw1', 'use1']);
    expect(nextDocument(published({ drain: ['use1'], revocations }), moved, NOW)).toMatchObject({
      version: 8,
      issuers: moved,
      drain: ['use1'],
      revocations,
    });
  });

  it('never touches what an operator published', () => {
    const theirs = published({ publishedBy: 'ada', issuers: [] });
    expect(nextDocument(theirs, entries, NOW)).toBe(theirs);
  });
});

describe('--issuers', () => {
  const [first] = entries;
  const folderWith = (files: Record<string, unknown>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'nearput-entries-'));
    for (const [name, value] of Object.entries(files)) {
      writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
    }
    return folder;
  };
  const entry = (id: string) => ({ ...first, id, issuer: `https://${id}.example/` });

  it('adds every *.json in the folder', () => {
    const folder = folderWith({ 'b.json': entry('bbb'), 'a.json': entry('aaa'), 'notes.txt': 'no entry' });
    const read = readEntries(folder);
    expect(read.faults).toEqual([]);
    expect(read.entries.map(({ id }) => id)).toEqual(['aaa', 'bbb']);
  });

  it('says what is wrong with each file, by path', () => {
    const folder = folderWith({ 'a.json': { ...entry('aaa'), audiences: [] }, 'b.json': '{' });
    const { faults } = readEntries(folder);
    expect(faults.some((fault) => fault.startsWith(`${join(folder, 'a.json')} /audiences: `))).toBe(true);
    expect(faults.some((fault) => fault.startsWith(join(folder, 'b.json')))).toBe(true);
  });

  it('refuses an id or an issuer that is taken, and a folder that is not there', () => {
    expect(readEntries(folderWith({ 'a.json': { ...entry('aaa'), id: 'acme' } })).faults).toHaveLength(1);
    expect(readEntries(folderWith({ 'a.json': entry('x'), 'b.json': { ...entry('x'), id: 'y' } })).faults).toHaveLength(
      1,
    );
    expect(readEntries('/nowhere/at/all').faults).toEqual(['there is no folder /nowhere/at/all']);
  });
});
