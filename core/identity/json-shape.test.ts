import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { type JsonShapeFault, jsonShapeFault } from './json-shape.ts';

/** JSON whose members are listed one by one, so that what is wrong with it is known before it is written. */
type Tree =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'plain'; readonly json: string }
  | { readonly kind: 'list'; readonly items: readonly Tree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [string, Tree])[] };

const LIMITS = { maxDepth: 4, maxMembers: 12 };

const texts = fc.constantFrom(
  'a',
  'b',
  '',
  '"',
  '\\',
  '":"',
  ',',
  '{"a":',
  ']',
  '\u0000',
  'é',
  '😀',
  '__proto__',
  '\ud800',
  'x\udc00',
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'medium', withCrossShrink: true },
    texts.map((text): Tree => ({ kind: 'text', text })),
    fc.constantFrom('0', '-1.5e3', 'true', 'false', 'null').map((json): Tree => ({ kind: 'plain', json })),
    fc.array(tie('tree'), { maxLength: 5 }).map((items): Tree => ({ kind: 'list', items })),
    fc.array(fc.tuple(texts, tie('tree')), { maxLength: 5 }).map((members): Tree => ({ kind: 'object', members })),
  ),
}));

/** Every fault there is, found by walking the tree and never the text. */
const faultsOf = (root: Tree): ReadonlySet<JsonShapeFault> => {
  const faults = new Set<JsonShapeFault>();
  let values = 0;
  const walk = (one: Tree, depth: number): void => {
    if (one.kind === 'text' && !one.text.isWellFormed()) faults.add('text_ill_formed');
    if (one.kind === 'text' || one.kind === 'plain') return;
    const inside = one.kind === 'list' ? one.items : one.members.map(([, member]) => member);
    values += 1 + Math.max(0, inside.length - 1);
    if (depth + 1 > LIMITS.maxDepth) faults.add('too_deep');
    if (one.kind === 'object') {
      const names = one.members.map(([name]) => name);
      if (new Set(names).size < names.length) faults.add('duplicate_member');
      if (names.some((name) => !name.isWellFormed())) faults.add('text_ill_formed');
    }
    for (const member of inside) walk(member, depth + 1);
  };
  walk(root, 0);
  if (values > LIMITS.maxMembers) faults.add('too_many_members');
  return faults;
};

/** Writes a tree with spaces and escapes as the numbers say. */
const write = (root: Tree, choices: readonly number[]): string => {
  let used = 0;
  const choose = (end: number): number => (choices[used++ % choices.length] ?? 0) % end;
  const space = (): string => ['', '', ' ', '\n\t', ' \r '][choose(5)] ?? '';
  const unit = (character: string): string =>
    choose(3) === 0
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : JSON.stringify(character).slice(1, -1);
  const text = (value: string): string => `"${value.split('').map(unit).join('')}"`;
  const value = (one: Tree): string => {
    if (one.kind === 'text') return text(one.text);
    if (one.kind === 'plain') return one.json;
    if (one.kind === 'list') return `[${space()}${one.items.map((item) => `${value(item)}${space()}`).join(',')}]`;
    return `{${one.members.map(([name, member]) => `${space()}${text(name)}${space()}:${space()}${value(member)}`).join(`${space()},`)}${space()}}`;
  };
  return `${space()}${value(root)}${space()}`;
};

describe('the shape of JSON', () => {
  it('is told from the text as it is from the tree, however it is written', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(tree, fc.array(fc.nat(1_000), { minLength: 1, maxLength: 40 }), (root, choices) => {
        const json = write(root, choices);
        expect(() => JSON.parse(json)).not.toThrow();
        const expected = faultsOf(root);
        const found = jsonShapeFault(json, LIMITS);
        seen.set(String(found), (seen.get(String(found)) ?? 0) + 1);
        if (found === null) expect([...expected], json).toEqual([]);
        else expect(expected, json).toContain(found);
      }),
      { numRuns: Math.max(2_000, budgetRuns(4_000)) },
    );
    expect([...seen.keys()].sort()).toEqual(
      ['duplicate_member', 'null', 'text_ill_formed', 'too_deep', 'too_many_members'].sort(),
    );
  });
});
