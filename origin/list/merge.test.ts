import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { mergeStrands, type Strand } from './merge.ts';

type Item = { readonly position: string };

const strand = (positions: string, more = false): Strand<Item> => ({
  items: positions
    .split(' ')
    .filter(Boolean)
    .map((position) => ({ position })),
  more,
});

const all = (): boolean => true;
const text = ({ items, next }: { items: readonly Item[]; next: string | null }): string =>
  `${items.map(({ position }) => position).join(' ')} | ${next ?? 'end'}`;

describe('merging strands', () => {
  it.each([
    ['nothing', [strand('')], 2, ' | end'],
    ['all of it', [strand('5 3 1'), strand('4 2')], 9, '5 4 3 2 1 | end'],
    ['as many as asked', [strand('5 3 1'), strand('4 2')], 2, '5 4 | 4'],
    ['exactly all', [strand('5 3'), strand('4')], 3, '5 4 3 | end'],
    ['not beyond what a strand has read', [strand('9 8', true), strand('7 1')], 9, '9 8 | 8'],
    ['not beyond the newest such place', [strand('9 8', true), strand('7 6', true), strand('5')], 9, '9 8 | 8'],
    ['older strands up to there', [strand('9 3', true), strand('7 4 1')], 9, '9 7 4 3 | 3'],
  ] as const)('gives %s', (_name, strands, limit, expected) => {
    expect(text(mergeStrands(strands, limit, all))).toBe(expected);
  });

  it('may give a short page when few are wanted, and says where to go on', () => {
    expect(text(mergeStrands([strand('9 8 7', true)], 2, ({ position }) => position === '8'))).toBe('8 | 7');
    expect(text(mergeStrands([strand('9 8 7', true)], 2, () => false))).toBe(' | 7');
  });

  it('pages through everything once, newest first, whatever the shards and limits', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 100, max: 999 }).map(String), { maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        (positions, shards, limit, readMax) => {
          const sorted = [...positions].sort().reverse();
          const wanted = ({ position }: Item): boolean => Number(position) % 3 !== 0;
          const read = (shard: number, before: string | null): Strand<Item> => {
            const items = sorted
              .filter((position) => Number(position) % shards === shard)
              .filter((position) => before === null || position < before)
              .map((position) => ({ position }));
            return { items: items.slice(0, readMax), more: items.length > readMax };
          };
          const found: string[] = [];
          let before: string | null = null;
          for (let page = 0; page < 200; page += 1) {
            const strands = Array.from({ length: shards }, (_, shard) => read(shard, before));
            const merged = mergeStrands(strands, limit, wanted);
            expect(merged.items.length).toBeLessThanOrEqual(limit);
            found.push(...merged.items.map(({ position }) => position));
            before = merged.next;
            if (before === null) break;
          }
          expect(before).toBeNull();
          expect(found).toEqual(sorted.filter((position) => wanted({ position })));
        },
      ),
      { numRuns: budgetRuns(200) },
    );
  });
});
