import * as v from 'valibot';
import { DOWNLOAD_TTL_SECONDS, LIST_LIMIT } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import { STATES, type State } from '../../core/contract/states.ts';

const refuse = (name: string, sentence: string): never => {
  throw new Problem('request_invalid', `Change the query: ${name} ${sentence}.`, {
    errors: [{ path: `/${name}`, message: sentence }],
  });
};

const single = (query: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = query.getAll(name);
  return others.length > 0 ? refuse(name, 'must stand once') : value;
};

const wholeNumber = (
  query: URLSearchParams,
  name: string,
  range: { readonly min: number; readonly max: number; readonly default: number },
): number => {
  const text = single(query, name);
  if (text === undefined) return range.default;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= range.min && value <= range.max
    ? value
    : refuse(name, `must be a whole number from ${range.min} to ${range.max}`);
};

/** Life of a download link in seconds: `?ttl=`. */
export const readTtl = (query: URLSearchParams): number => wholeNumber(query, 'ttl', DOWNLOAD_TTL_SECONDS);

/** Records of a page: `?limit=`. */
export const readLimit = (query: URLSearchParams): number => wholeNumber(query, 'limit', LIST_LIMIT);

/** Whether a browser should show the bytes: `?inline`, also `?inline=true`. */
export const readInline = (query: URLSearchParams): boolean => {
  const value = single(query, 'inline');
  if (value === undefined || value === 'false') return false;
  return value === '' || value === 'true' || value === '1' || refuse('inline', 'must be empty, true or false');
};

/** The state asked for: `?state=`; `null`: all. */
export const readState = (query: URLSearchParams): State | null => {
  const value = single(query, 'state');
  if (value === undefined) return null;
  const result = v.safeParse(v.picklist(STATES), value);
  return result.success ? result.output : refuse('state', `must be one of ${STATES.join(', ')}`);
};

/** The cursor as it was given; `null`: the first page. */
export const readCursorText = (query: URLSearchParams): string | null => single(query, 'cursor') ?? null;
