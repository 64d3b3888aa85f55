import { appendFileSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { budgetRuns } from '../../test/support/budget.ts';
import { openJournal } from './journal.ts';

const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'nearput-journal-')), 'queues.jsonl');
const message = (text: string, queue = 'q') => ({ queue, MessageBody: text });

describe('a journal', () => {
  it('holds what was added and not removed, in order, when it is opened again', () => {
    const path = newPath();
    const journal = openJournal(path);
    const ids = ['a', 'b', 'c'].map((text) => journal.add(message(text)));
    journal.remove(ids[1] ?? 0);
    journal.move(ids[2] ?? 0, 'dead');
    journal.close();
    expect(openJournal(path).entries()).toEqual([
      [ids[0], message('a')],
      [ids[2], message('c', 'dead')],
    ]);
  });

  it('drops a last line that a crash cut short, and keeps all before it', () => {
    const path = newPath();
    openJournal(path).add(message('whole'));
    appendFileSync(path, '{"op":"+","id":2,"message":{"que');
    const again = openJournal(path);
    expect(again.entries().map(([, { MessageBody }]) => MessageBody)).toEqual(['whole']);
    again.add(message('next'));
    expect(openJournal(path).entries()).toHaveLength(2);
  });

  it('gives no id twice after it was opened again', () => {
    const path = newPath();
    const first = openJournal(path).add(message('a'));
    expect(openJournal(path).add(message('b'))).not.toBe(first);
  });

  it('does not grow without end when messages come and go', () => {
    const path = newPath();
    const journal = openJournal(path);
    const kept = journal.add(message('kept'));
    for (let i = 0; i < 30_000; i += 1) journal.remove(journal.add(message(`m${i}`)));
    expect(statSync(path).size).toBeLessThan(3_000_000);
    expect(openJournal(path).entries()).toEqual([[kept, message('kept')]]);
  });

  it('is readable by its owner alone', () => {
    const path = newPath();
    openJournal(path).add(message('a'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain('"a"');
  });

  it('is the same as a list, whatever is added, moved, removed and however often it is opened', () => {
    const step = fc.oneof(
      fc.record({ op: fc.constant('add' as const), text: fc.string() }),
      fc.record({ op: fc.constantFrom('remove' as const, 'move' as const), at: fc.nat(20) }),
      fc.record({ op: fc.constant('reopen' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const path = newPath();
        let journal = openJournal(path);
        const model: [number, { queue: string; MessageBody: string }][] = [];
        for (const it of steps) {
          if (it.op === 'reopen') {
            journal.close();
            journal = openJournal(path);
          } else if (it.op === 'add') {
            model.push([journal.add(message(it.text)), message(it.text)]);
          } else {
            const entry = model[it.at];
            const id = entry?.[0] ?? 1_000;
            if (it.op === 'remove') {
              journal.remove(id);
              if (entry) model.splice(it.at, 1);
            } else {
              journal.move(id, 'dead');
              if (entry) entry[1] = { ...entry[1], queue: 'dead' };
            }
          }
        }
        expect(journal.entries()).toEqual(model);
        journal.close();
      }),
      { numRuns: budgetRuns(150) },
    );
  });
});
