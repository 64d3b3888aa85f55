import { expect, it } from 'vitest';
import { createStartGate } from './start-gate.ts';

it('lets so many start at once, those that go first before those that came first', () => {
  const gate = createStartGate(1);
  const began: string[] = [];
  const start = (name: string, first?: boolean): void => {
    if (gate.enter(() => start(name, first), first)) began.push(name);
  };
  start('a');
  start('b');
  start('c');
  start('urgent', true);
  expect(began).toEqual(['a']);
  for (const _ of [1, 2, 3]) gate.leave();
  expect(began).toEqual(['a', 'urgent', 'b', 'c']);
});
