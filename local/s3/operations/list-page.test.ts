import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareUtf8 } from '../store/state.ts';
import { type ListQuery, listKeys } from './list-page.ts';

describe('the order of keys', () => {
  test('is that of their UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});

describe('a list', () => {
  const query = (prefix: string, delimiter: string): ListQuery => ({
    prefix,
    delimiter,
    maxKeys: 1_000,
    encode: (text) => text,
    encodingType: undefined,
  });
  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'ü'), maxLength: 6 });

  test('taken up after any of its items goes on where it was', () => {
    fc.assert(
      fc.property(fc.uniqueArray(name), name, fc.constantFrom('', '/', 'b'), (keys, prefix, delimiter) => {
        const sorted = keys.toSorted(compareUtf8);
        const all = [...listKeys(sorted, query(prefix, delimiter), '')];
        for (const [i, item] of all.entries()) {
          const after = 'key' in item ? item.key : item.commonPrefix;
          if (after === '') continue;
          expect([...listKeys(sorted, query(prefix, delimiter), after)]).toEqual(all.slice(i + 1));
        }
      }),
    );
  });
});
