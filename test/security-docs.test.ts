import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

/** RFC 8725, chapter 3; OWASP ASVS 5, what applies of tokens, access control and logging. */
const PRACTICES = Array.from({ length: 12 }, (_, index) => `3.${index + 1}`);
const ITEMS = ['9.1.1', '9.2.1', '10.3.1', '8.2.1', '8.3.1', '8.4.1', '16.2.5', '16.3.1', '16.4.1'];

describe('docs/security.md', () => {
  it('has a row for every practice of RFC 8725 and every item of ASVS that applies', () => {
    const rows = readFileSync(`${ROOT}docs/security.md`, 'utf8')
      .split('\n')
      .filter((line) => /^\| \d/.test(line));
    for (const number of [...PRACTICES, ...ITEMS]) {
      expect(
        rows.filter((row) => ` ${row.replaceAll(',', ' ').replaceAll('–', ' ')}`.includes(` ${number} `)),
      ).toHaveLength(1);
    }
  });

  it('names only tests that exist, and at least one in every row of its tables', () => {
    const text = readFileSync(`${ROOT}docs/security.md`, 'utf8');
    const rows = text
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:they try|they send|practice|item) /.test(line));
    expect(rows.length).toBeGreaterThan(25);
    for (const row of rows) {
      const tests = [...row.matchAll(/`([a-z0-9/.-]+\.test\.ts)`/g)].map(([, path = '']) => path);
      expect(tests, row).not.toEqual([]);
      for (const path of tests) expect(existsSync(`${ROOT}${path}`), path).toBe(true);
    }
  });
});

describe('the documents', () => {
  const documents = globSync(['docs/**/*.md', '*/README.md', '*/*/README.md'], {
    cwd: ROOT,
    exclude: ['node_modules', 'node_modules/**'],
  });

  it('name only tests that exist', () => {
    expect(documents).toContain('docs/security.md');
    for (const document of documents) {
      const text = readFileSync(`${ROOT}${document}`, 'utf8');
      for (const [, path = ''] of text.matchAll(/`((?:[a-z0-9-]+\/)[a-z0-9/.-]+\.test\.ts)`/g)) {
        const beside = `${ROOT}${document.replace(/[^/]*$/, '')}${path}`;
        expect(existsSync(`${ROOT}${path}`) || existsSync(beside), `${path} in ${document}`).toBe(true);
      }
    }
  });
});
