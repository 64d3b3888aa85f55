import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

describe('docs/security.md', () => {
  it('names only tests that exist, and at least one in every row of its tables', () => {
    const text = readFileSync(`${ROOT}docs/security.md`, 'utf8');
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:they try|practice|item) /.test(line));
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const tests = [...row.matchAll(/`([a-z0-9/.-]+\.test\.ts)`/g)].map(([, path = '']) => path);
      expect(tests, row).not.toEqual([]);
      for (const path of tests) expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    }
  });
});
