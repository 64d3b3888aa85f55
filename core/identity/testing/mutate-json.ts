import { createHmac } from 'node:crypto';
import { signRaw } from '../../../test/support/sign-raw.ts';
import type { Forger } from './good-tokens.ts';
import type { Mutate, Stock } from './mutate-text.ts';
import { algorithmOf, ORDERS, respellEcdsa, toBytes, toNumber } from './respell-signature.ts';

/** With keys that nobody trusts. */
export type ForgerStock = Stock & { readonly forgers: readonly Forger[] };

type Json = Record<string, unknown>;

const KIDS = [
  'acme-1',
  'globex-1',
  'local-1',
  'umbrella-1',
  'initech-1',
  '',
  '*',
  '../../dev/null',
  "' or 1=1 --",
  '__proto__',
  0,
  null,
];
const ALGORITHMS = [
  'none',
  'None',
  '',
  'HS256',
  'HS512',
  'es256',
  'RS1',
  'ES256K',
  'ES512',
  'PS512',
  'Ed25519',
  'EdDSA',
  'RS256',
  null,
];
const ISSUERS = ['acme', 'globex', 'local', 'umbrella', 'initech', 'evil', 'ACME'].map(
  (id) => `https://${id}.example/`,
);
const VALUES = [
  null,
  true,
  0,
  -1,
  1e308,
  9_007_199_254_740_992,
  '',
  'admin',
  'x'.repeat(300),
  [],
  {},
  ['nearput'],
  '\u0000',
  '\ud800',
  'nearput\u0000',
];
const HEADER_NAMES = [
  'alg',
  'kid',
  'typ',
  'jku',
  'x5u',
  'x5c',
  'jwk',
  'crit',
  'zip',
  'b64',
  'enc',
  'cty',
  'epk',
  'p2c',
  '__proto__',
  'constructor',
];
const CLAIM_NAMES = [
  'iss',
  'sub',
  'aud',
  'exp',
  'iat',
  'nbf',
  'jti',
  'org',
  'scope',
  'token_use',
  'azp',
  'cnf',
  '__proto__',
  'toString',
];

const headerValue = (name: string, { random, forgers }: ForgerStock): unknown => {
  if (name === 'alg') return random.pick(ALGORITHMS);
  if (name === 'kid') return random.pick(KIDS);
  if (name === 'jwk') return random.pick(forgers).publicJwk;
  if (name === 'jku' || name === 'x5u') return 'https://evil.example/keys';
  if (name === 'crit') return [['exp'], [], ['b64']][random.below(3)];
  if (name === 'typ')
    return random.pick(['JWT', 'at+jwt', 'application/at+jwt', 'AT+JWT', 'dpop+jwt', 'absent', ...VALUES]);
  return random.pick([false, 'DEF', ...VALUES]);
};

const claimValue = (name: string, { random }: ForgerStock): unknown => {
  if (name === 'iss') return random.pick([...ISSUERS, ...VALUES]);
  if (name === 'exp' || name === 'iat' || name === 'nbf')
    return random.pick([4_000_000_000, 1_795_219_200, '1795219200', ...VALUES]);
  if (name === 'sub') return random.pick(['root', 'user', 'User', 'user ', ...VALUES]);
  return random.pick(VALUES);
};

const parse = (part: string | undefined): Json | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Json) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** Own members, `__proto__` too. */
const withMember = (object: Json, name: string, value: unknown): Json => {
  const copy: Json = { ...object };
  Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
  return copy;
};

/** Other JSON for the same or another meaning. */
const WRITINGS: Readonly<Record<string, (object: Json, stock: ForgerStock) => string>> = {
  plain: (object) => JSON.stringify(object),
  'with space': (object) => JSON.stringify(object, null, 1),
  'in another order': (object, { random }) =>
    JSON.stringify(Object.fromEntries(random.shuffle(Object.entries(object)))),
  'a member twice': (object, { random }) => {
    const name = random.pick([...Object.keys(object), 'alg', 'sub']);
    return `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:"admin"}`;
  },
  'a member twice, first': (object, { random }) =>
    `{${JSON.stringify(random.pick([...Object.keys(object), 'sub']))}:"admin",${JSON.stringify(object).slice(1)}`,
  'a member less': (object, { random }) => {
    const gone = random.pick([...Object.keys(object), 'none']);
    return JSON.stringify(Object.fromEntries(Object.entries(object).filter(([name]) => name !== gone)));
  },
  'a name escaped': (object) => JSON.stringify(object).replace('"sub"', '"\\u0073ub"').replace('"alg"', '"\\u0061lg"'),
  'in a list': (object) => JSON.stringify([object]),
  'as text': (object) => JSON.stringify(JSON.stringify(object)),
  'with a byte order mark': (object) => `\ufeff${JSON.stringify(object)}`,
  'with a comma too many': (object) => JSON.stringify(object).replace(/\}$/, ',}'),
};

/** What stands for a signature of other bytes. */
const SEALS: Readonly<Record<string, (input: string, old: string, stock: ForgerStock) => string>> = {
  'the old one': (input, old) => `${input}.${old}`,
  "another token's": (input, _, { random, tokens }) => `${input}.${random.pick(tokens).split('.')[2]}`,
  none: (input) => `${input}.`,
  random: (input, old, { random }) =>
    `${input}.${random.bytes(Buffer.from(old, 'base64url').length).toString('base64url')}`,
  'a MAC keyed by public members': (input, _, { random, forgers }) => {
    const key = JSON.stringify(random.pick(forgers).publicJwk);
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
  },
  "a forger's": (input, _, { random, forgers }) => {
    const [header, claims] = input.split('.').map((part) => Buffer.from(part, 'base64url'));
    // RSA signs twenty times more slowly than the others.
    const quick = forgers.filter(({ algorithm }) => algorithm === 'ES256' || algorithm === 'EdDSA');
    const { privateKey, algorithm } = random.pick(random.chance(0.03) ? forgers : quick);
    return signRaw(header ?? '', claims ?? '', privateKey, algorithm);
  },
};

const pickFrom = <Value>(table: Readonly<Record<string, Value>>, { random }: Stock): Value =>
  random.pick(Object.values(table));

const edit =
  (index: 0 | 1, change: (object: Json, stock: ForgerStock) => Json): Mutate<ForgerStock> =>
  (token, stock) => {
    const parts = token.split('.');
    const object = parse(parts[index]);
    if (object === undefined) return `${token}A`;
    const text = pickFrom(WRITINGS, stock)(change(object, stock), stock);
    parts[index] = Buffer.from(text).toString('base64url');
    return pickFrom(SEALS, stock)(parts.slice(0, 2).join('.'), parts[2] ?? '', stock);
  };

const changeSignature =
  (change: (signature: Buffer, token: string, stock: ForgerStock) => Buffer): Mutate<ForgerStock> =>
  (token, stock) => {
    const dot = token.lastIndexOf('.');
    const signature = change(Buffer.from(token.slice(dot + 1), 'base64url'), token, stock);
    return `${token.slice(0, dot + 1)}${signature.toString('base64url')}`;
  };

const halves = (signature: Buffer): readonly [Buffer, Buffer] => [
  signature.subarray(0, signature.length / 2),
  signature.subarray(signature.length / 2),
];
const orderOf = (token: string): bigint => (ORDERS as Readonly<Record<string, bigint>>)[algorithmOf(token) ?? ''] ?? 1n;
const reversed = (bytes: Buffer): Buffer => Buffer.from(bytes.toReversed());

/** What can be done to a token by somebody who reads it. */
export const JSON_MUTATIONS: Readonly<Record<string, Mutate<ForgerStock>>> = {
  'the header written anew': edit(0, (object) => object),
  'the claims written anew': edit(1, (object) => object),
  'a header member': edit(0, (object, stock) => {
    const name = stock.random.pick(HEADER_NAMES);
    return withMember(object, name, headerValue(name, stock));
  }),
  'a claim': edit(1, (object, stock) => {
    const name = stock.random.pick(CLAIM_NAMES);
    return withMember(object, name, claimValue(name, stock));
  }),
  'the key of a forger in the header': edit(0, (object, { random, forgers }) => {
    const { publicJwk, algorithm } = random.pick(forgers);
    return { ...object, alg: algorithm, jwk: publicJwk };
  }),
  'its signature respelled': (token) => respellEcdsa(token) ?? `${token}A`,
  'its signature with halves swapped': changeSignature((bytes) => Buffer.concat(halves(bytes).toReversed())),
  'its r or s plus the order': changeSignature((bytes, token, { random }) => {
    const [r, s] = halves(bytes);
    const more = (half: Buffer): Buffer => toBytes(toNumber(half) + orderOf(token), half.length);
    return random.chance(0.5) ? Buffer.concat([more(r), s]) : Buffer.concat([r, more(s)]);
  }),
  'its S plus the order (RFC 8032, 5.1.7)': changeSignature((bytes) => {
    const [r, s] = halves(bytes);
    return Buffer.concat([r, reversed(toBytes(toNumber(reversed(s)) + ORDERS.EdDSA, s.length))]);
  }),
  'its signature of zeros': changeSignature((bytes, _, { random }) => {
    const [r, s] = halves(bytes);
    return Buffer.concat([Buffer.alloc(r.length), random.chance(0.5) ? s : Buffer.alloc(s.length)]);
  }),
  'its signature with a zero before or after': changeSignature((bytes, _, { random }) =>
    Buffer.concat(random.chance(0.5) ? [Buffer.alloc(1), bytes] : [bytes, Buffer.alloc(1)]),
  ),
  'its signature in DER': changeSignature((bytes) => {
    const integer = (half: Buffer): Buffer => Buffer.concat([Buffer.of(2, half.length + 1, 0), half]);
    const both = Buffer.concat(halves(bytes).map(integer));
    return Buffer.concat([Buffer.of(0x30, both.length & 0xff), both]);
  }),
  'as JSON (RFC 7515, 7.2)': (token) => {
    const [header = '', payload = '', signature = ''] = token.split('.');
    return JSON.stringify({ payload, protected: header, signature });
  },
};
