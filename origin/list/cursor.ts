import { parseId } from '../../core/contract/ids.ts';
import { Problem } from '../../core/contract/problems.ts';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** The opaque form of a position `createdAt#id`, the same for all cells and shards. */
export const formatCursor = (position: string): string => Buffer.from(position, 'utf8').toString('base64url');

/** Reads a cursor back; throws `cursor_invalid` for whatever `formatCursor` would not have written. */
export const parseCursor = (text: string): string => {
  const position = Buffer.from(text, 'base64url').toString('utf8');
  const [time = '', id = '', ...rest] = position.split('#');
  const good = rest.length === 0 && TIME.test(time) && parseId(id) !== undefined && formatCursor(position) === text;
  if (good) return position;
  throw new Problem('cursor_invalid', 'Send nextCursor exactly as the page before answered it, or leave it out.');
};
