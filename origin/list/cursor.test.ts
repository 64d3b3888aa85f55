import { describe, expect, it } from 'vitest';
import { grantUpload } from '../testing/subjects.ts';
import { formatCursor, parseCursor } from './cursor.ts';

const POSITION = `2026-11-20T12:00:00.000Z#${grantUpload().subject.id}`;

describe('a cursor', () => {
  it('reads back as the position it was written for', () => {
    expect(parseCursor(formatCursor(POSITION))).toBe(POSITION);
  });

  it.each([
    ['an empty one', ''],
    ['plain text', POSITION],
    ['base64url of something else', formatCursor('hello')],
    ['another time', formatCursor(POSITION.replace('12:00', '12-00'))],
    ['an id that is none', formatCursor(POSITION.slice(0, -1))],
    ['one member more', formatCursor(`${POSITION}#x`)],
    ['padding', `${formatCursor(POSITION)}=`],
    ['a space', ` ${formatCursor(POSITION)}`],
  ])('is refused as %s', (_name, text) => {
    expect(() => parseCursor(text)).toThrow(/cursor_invalid/);
  });
});
