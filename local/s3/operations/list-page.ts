import { fault } from '../errors.ts';
import type { Call } from '../http/call.ts';
import { compareUtf8 } from '../store/state.ts';

/** Keys and prefixes of one answer. Source: Amazon S3 API reference, ListObjectsV2. */
export const MAX_KEYS = 1_000;
const INTEGER_MAX = 2_147_483_647;

/** What all lists take. */
export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** `encoding-type=url`: names in the answer are percent-encoded. */
  readonly encode: (text: string) => string;
  readonly encodingType: string | undefined;
}

/** Reads and checks the common parameters. */
export function readListQuery({ query }: Pick<Call, 'query'>, maxName = 'max-keys'): ListQuery {
  const encodingType = query.get('encoding-type');
  if (encodingType !== undefined && encodingType !== 'url') {
    throw argument('encoding-type', encodingType, 'Invalid Encoding Method specified in Request');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: Math.min(readCount(query, maxName, MAX_KEYS), MAX_KEYS),
    encode: encodingType === 'url' ? encodeListed : (name) => name,
    encodingType,
  };
}

/** A parameter that is a number from 0 to what S3 takes for one, or `fallback` without it. */
export function readCount(query: Call['query'], name: string, fallback: number): number {
  const text = query.get(name);
  if (text === undefined || text === '') return fallback;
  if (!/^\d{1,10}$/.test(text) || Number(text) > INTEGER_MAX) {
    throw argument(name, text, `Provided ${name} not an integer or within integer range`);
  }
  return Number(text);
}

/** InvalidArgument naming the parameter. */
export const argument = (name: string, value: string, message: string) =>
  fault('InvalidArgument', { message, details: { ArgumentName: name, ArgumentValue: value } });

/** A key, or a common prefix that stands for all keys below it. */
export type Listed = { readonly key: string } | { readonly commonPrefix: string };

/**
 * Keys under `prefix` after `after` (exclusive; a common prefix there leaves out all it stands for), rolled up at the
 * delimiter, in S3's order. Lazy: the caller stops when its page is full.
 */
export function* listKeys(
  sorted: readonly string[],
  { prefix, delimiter }: ListQuery,
  after: string,
): Generator<Listed> {
  let last = '';
  for (let i = firstAbove(sorted, prefix, after); i < sorted.length; i++) {
    const key = sorted[i] ?? '';
    if (!key.startsWith(prefix)) return;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    if (cut < 0) {
      yield { key };
      continue;
    }
    const commonPrefix = key.slice(0, cut + delimiter.length);
    if (commonPrefix === last || commonPrefix === after) continue;
    last = commonPrefix;
    yield { commonPrefix };
  }
}

/** Index of the first key that is not below `prefix` and is above `after`. */
function firstAbove(sorted: readonly string[], prefix: string, after: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const key = sorted[middle] ?? '';
    const below = compareUtf8(key, prefix) < 0 || (after !== '' && compareUtf8(key, after) <= 0);
    if (below) low = middle + 1;
    else high = middle;
  }
  return low;
}

function encodeListed(text: string): string {
  return encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');
}
