import { describe, expect, it } from 'vitest';
import { grantUpload } from '../testing/subjects.ts';
import { absorb } from './absorb.ts';
import { blankRecord } from './enter.ts';
import type { Creator } from './record.ts';

const { subject, createdAt } = grantUpload();
const RECORD = blankRecord({ type: 'abort', of: subject, at: createdAt });
const at = (minute: number): string => `2026-11-20T12:0${minute}:00.000Z`;
const named = (name: string, since: string | null): Creator => ({ tenant: 't1', subject: name, since });

/** Who is the creator after hearing both, in this order. */
const hearing = (first: Creator, second: Creator): string | undefined =>
  absorb(absorb(RECORD, { creator: first }), { creator: second }).creator?.subject;

describe('the creator of an upload', () => {
  it.each([
    ['the earlier of two events', named('b', at(1)), named('a', at(2)), 'b'],
    ['the lesser of two that came at once', named('b', at(1)), named('a', at(1)), 'a'],
    ['an event, whatever a finalize says', named('b', at(1)), named('a', null), 'b'],
  ])('is named by %s, in whatever order they are heard', (_, one, other, expected) => {
    expect([hearing(one, other), hearing(other, one)]).toEqual([expected, expected]);
  });

  it('is who finalized first while no event names another', () => {
    expect(hearing(named('first', null), named('second', null))).toBe('first');
  });

  it('is not written again by an event that says what a finalize said', () => {
    const known = absorb(RECORD, { creator: named('a', null) });
    expect(absorb(known, { creator: named('a', at(1)) })).toBe(known);
  });
});
