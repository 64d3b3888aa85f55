import type { Random } from '../../../test/support/random.ts';

/** What a mutation may draw from. */
export type Stock = {
  readonly random: Random;
  /** Good tokens, the one that is mutated among them. */
  readonly tokens: readonly string[];
};

/** Makes another token of one; it may come out the same. */
export type Mutate<Needs extends Stock = Stock> = (token: string, stock: Needs) => string;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ODD = [
  ...ALPHABET,
  ...'.=+/ ,~%"{}',
  '\u0000',
  '\t',
  '\n',
  '\r',
  'é',
  '\u00ad',
  '\u200b',
  '\uff21',
  '😀',
  '\ud800',
];
const GARBAGE = [
  '.',
  '..',
  '=',
  '==',
  ' ',
  '\n',
  '\u0000',
  'A',
  'AA',
  'AAAA',
  '.AA',
  '#',
  ', Bearer ',
  ';',
  '%00',
  '\ufeff',
];

const at = (token: string, { random }: Stock): number => random.below(token.length + 1);

const changePart = (token: string, index: number, change: (part: string) => string): string =>
  token
    .split('.')
    .map((part, position) => (position === index ? change(part) : part))
    .join('.');
const anyPart = (token: string, { random }: Stock, change: (part: string) => string): string =>
  changePart(token, random.below(3), change);

/** The same bytes in other letters: the bits that the last letter has to spare are set. */
const setSpareBits = (part: string, bits: number): string => {
  const last = ALPHABET.indexOf(part.slice(-1));
  const spare = [0, 0, 4, 2][part.length % 4] ?? 0;
  return last < 0 ? part : `${part.slice(0, -1)}${ALPHABET.charAt(last | (bits & ((1 << spare) - 1)))}`;
};

const bytes = (part: string): Buffer => Buffer.from(part, 'base64url');

/** What can be done to a token without reading it. */
export const TEXT_MUTATIONS: Readonly<Record<string, Mutate>> = {
  'a character replaced': (token, stock) => {
    const where = at(token, stock);
    return token.slice(0, where) + stock.random.pick(ODD) + token.slice(where + 1);
  },
  'a character removed': (token, stock) => {
    const where = at(token, stock);
    return token.slice(0, where) + token.slice(where + 1);
  },
  'a character added': (token, stock) => {
    const where = at(token, stock);
    return token.slice(0, where) + stock.random.pick(ODD) + token.slice(where);
  },
  'two characters swapped': (token, stock) => {
    const where = at(token, stock);
    return token.slice(0, where) + token.charAt(where + 1) + token.charAt(where) + token.slice(where + 2);
  },
  'the case of a letter': (token, stock) => {
    const where = at(token, stock);
    const letter = token.charAt(where);
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    return token.slice(0, where) + other + token.slice(where + 1);
  },
  'the case of all letters': (token, { random }) => (random.chance(0.5) ? token.toLowerCase() : token.toUpperCase()),
  'cut off': (token, stock) => token.slice(0, at(token, stock)),
  'a part cut off': (token, stock) =>
    anyPart(token, stock, (part) => part.slice(0, stock.random.below(part.length + 1))),
  'a part cut at the front': (token, stock) => anyPart(token, stock, (part) => part.slice(stock.random.below(5))),
  'a piece twice': (token, stock) => {
    const [from, to] = [at(token, stock), at(token, stock)].sort((a, b) => a - b);
    return token.slice(0, to) + token.slice(from);
  },
  'garbage after it': (token, { random }) => token + random.pick(GARBAGE).repeat(1 + random.below(3)),
  'garbage before it': (token, { random }) => random.pick(GARBAGE) + token,
  'garbage after a part': (token, stock) => anyPart(token, stock, (part) => part + stock.random.pick(GARBAGE)),
  'letters added to a part': (token, stock) =>
    anyPart(token, stock, (part) => part + stock.random.bytes(1 + stock.random.below(6)).toString('base64url')),
  'spare bits set': (token, stock) => anyPart(token, stock, (part) => setSpareBits(part, 1 + stock.random.below(15))),
  'a part padded': (token, stock) => anyPart(token, stock, (part) => `${part}${'='.repeat(1 + stock.random.below(3))}`),
  'the other alphabet': (token) => token.replaceAll('-', '+').replaceAll('_', '/'),
  'a part as base64': (token, stock) => anyPart(token, stock, (part) => bytes(part).toString('base64')),
  'a part as hex': (token, stock) => anyPart(token, stock, (part) => bytes(part).toString('hex')),
  'a part not encoded': (token, stock) => anyPart(token, stock, (part) => bytes(part).toString('latin1')),
  'a part encoded twice': (token, stock) => anyPart(token, stock, (part) => Buffer.from(part).toString('base64url')),
  'encoded as a whole': (token) => Buffer.from(token).toString('base64url'),
  'its dots percent-encoded': (token) => token.replaceAll('.', '%2E'),
  'its parts in another order': (token, { random }) => random.shuffle(token.split('.')).join('.'),
  'a part of another token': (token, stock) =>
    changePart(token, stock.random.below(3), () => stock.random.pick(stock.random.pick(stock.tokens).split('.'))),
  'the same part of another token': (token, { random, tokens }) => {
    const index = random.below(3);
    return changePart(token, index, () => random.pick(tokens).split('.')[index] ?? '');
  },
  'two tokens as one': (token, { random, tokens }) =>
    token + random.pick(['', '.', ',', ' ', ', ']) + random.pick(tokens),
  'an empty part': (token, stock) => anyPart(token, stock, () => ''),
  'five parts': (token, { random }) => `${token}.${random.bytes(12).toString('base64url')}.AA`,
  'a bit turned': (token, stock) =>
    anyPart(token, stock, (part) => {
      const copy = bytes(part);
      const where = stock.random.below(Math.max(1, copy.length));
      if (copy.length > 0) copy.writeUInt8(copy.readUInt8(where) ^ (1 << stock.random.below(8)), where);
      return copy.toString('base64url');
    }),
  'a byte removed': (token, stock) =>
    anyPart(token, stock, (part) => {
      const whole = bytes(part);
      const where = stock.random.below(Math.max(1, whole.length));
      return Buffer.concat([whole.subarray(0, where), whole.subarray(where + 1)]).toString('base64url');
    }),
};
