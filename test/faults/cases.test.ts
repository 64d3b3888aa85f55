import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CASES } from './cases.fixture.ts';

const read = (file: string): string => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');

/** Names of tests stand in their sources in one piece. */
const has = (file: string, name: string): boolean => read(file).includes(name);

describe('a fault of a transfer', () => {
  it.each(CASES)('%s: is shown by a test that exists', (_, ...shownBy) => {
    expect(shownBy.length).toBeGreaterThan(0);
    for (const text of shownBy) {
      const [file = '', ...name] = text.split(': ');
      expect(has(file, name.join(': ')), text).toBe(true);
    }
  });
});
