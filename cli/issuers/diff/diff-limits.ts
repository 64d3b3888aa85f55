import type { IssuerLimits } from '../../../core/contract/issuer-entry.ts';
import { type Change, narrows, widens } from './difference.ts';
import { inWords, regionName, size, span } from './words.ts';

const added = (before: readonly string[], after: readonly string[]): readonly string[] =>
  after.filter((item) => !before.includes(item));

/** What came to a list and what left it. */
export const diffList = (
  before: readonly string[],
  after: readonly string[],
  words: { readonly more: (items: string) => string; readonly less: (items: string) => string },
  name: (item: string) => string = (item) => item,
): readonly Change[] => {
  const [more, less] = [added(before, after), added(after, before)];
  return [
    ...(more.length > 0 ? [widens(words.more(inWords(more.map(name))))] : []),
    ...(less.length > 0 ? [narrows(words.less(inWords(less.map(name))))] : []),
  ];
};

const either = (isWider: boolean, text: string): Change => (isWider ? widens(text) : narrows(text));

type Differ = (before: IssuerLimits, after: IssuerLimits) => readonly Change[];

/** One for every limit there is; the compiler asks for a new one when a limit is added. */
const LIMITS: { readonly [Name in keyof IssuerLimits]-?: Differ } = {
  minBytes: ({ minBytes: before }, { minBytes: after }) => [
    either(after < before, `uploads from ${size(after)} instead of ${size(before)}`),
  ],
  maxBytes: ({ maxBytes: before }, { maxBytes: after }) => [
    either(after > before, `uploads up to ${size(after)} instead of ${size(before)}`),
  ],
  types: (before, after) =>
    diffList(before.types, after.types, {
      more: (types) => `may now upload ${types}`,
      less: (types) => `may no longer upload ${types}, unless another type it may upload covers it`,
    }),
  urlTtlSeconds: ({ urlTtlSeconds: before }, { urlTtlSeconds: after }) => [
    either(after > before, `URLs live ${span(after)} instead of ${span(before)}`),
  ],
  regions: (before, after) =>
    diffList(
      before.regions,
      after.regions,
      {
        more: (regions) => `may now write to ${regions}`,
        less: (regions) => `may no longer write to ${regions}; what is there stays readable`,
      },
      regionName,
    ),
};

const NAMES = Object.keys(LIMITS) as readonly (keyof IssuerLimits)[];

/** What two sets of limits differ in. */
export const diffLimits = (before: IssuerLimits, after: IssuerLimits): readonly Change[] =>
  NAMES.flatMap((name) =>
    JSON.stringify(before[name]) === JSON.stringify(after[name]) ? [] : LIMITS[name](before, after),
  );
