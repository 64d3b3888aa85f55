import { describe, expect, it } from 'vitest';
import { budgetRuns, testSeed } from '../../test/support/budget.ts';
import { createRandom, type Random } from '../../test/support/random.ts';
import { signRaw } from '../../test/support/sign-raw.ts';
import { TOKEN_MAX_BYTES } from '../contract/limits.ts';
import { readAuthorization } from './authorization-header.ts';
import {
  createTestEntry,
  createTestIssuer,
  createTestRegistry,
  goodClaims,
  goodHeader,
  type TestIssuer,
} from './testing/issuers.ts';
import { judge } from './testing/judge.ts';
import { createStopwatch } from './testing/stopwatch.ts';
import { readTokenForm } from './token-form.ts';

/** What no input may take, in milliseconds. */
const SLOW_MS = 50;
/** Bytes of claims that a token of the largest size has room for beside its header and a signature by ECDSA or Ed25519. */
const CLAIMS_MAX = 5_100;

const globex = createTestIssuer('globex', 'EdDSA');
const local = createTestIssuer('local', 'RS256');
const registry = createTestRegistry([globex, local].map((issuer) => createTestEntry(issuer)));

const headerText = (issuer: TestIssuer): string => JSON.stringify(goodHeader(issuer));
const claimsText = (issuer: TestIssuer, more: object = {}): string =>
  JSON.stringify({ ...goodClaims(issuer), ...more });
/** Signed with a key that counts, so that nothing but what is in it can stop it. */
const signed = (claims: string, header = headerText(globex)): string =>
  signRaw(header, claims, globex.privateKey, 'EdDSA');
/** As much more in the claims as there is room for. */
const filled = (unit: string, wrap: (text: string) => string = (text) => text): string => {
  const text = claimsText(globex);
  const room = CLAIMS_MAX - text.length - wrap('').length;
  return signed(text.replace(/\}$/, `,${wrap(unit.repeat(Math.floor(room / unit.length)))}}`));
};
const many = (count: number): string[] => Array.from({ length: count }, (_, index) => `a${index}`);

/** Whatever could cost more than its length, and how it ends. */
const HEAVY: readonly (readonly [name: string, token: string, verdict: string])[] = [
  ['dots', '.'.repeat(TOKEN_MAX_BYTES), 'not_three_parts'],
  ['one letter', 'A'.repeat(TOKEN_MAX_BYTES), 'not_three_parts'],
  ['padding', `A${'='.repeat(TOKEN_MAX_BYTES - 1)}`, 'not_three_parts'],
  ['letters and then none', `${'A'.repeat(TOKEN_MAX_BYTES - 1)}!`, 'bearer_not_a_token'],
  ['spaces', ' '.repeat(TOKEN_MAX_BYTES), 'bearer_not_a_token'],
  ['three long parts', Array.from({ length: 3 }, () => 'A'.repeat(2_384)).join('.'), 'header_not_json'],
  [
    'a signature of five thousand bytes',
    `${signed(claimsText(globex)).replace(/[^.]*$/, '')}${'A'.repeat(6_000)}`,
    'signature_bad',
  ],
  [
    'one of five thousand for RSA',
    `${signRaw(headerText(local), claimsText(local), local.privateKey, 'RS256').replace(/[^.]*$/, '')}${'A'.repeat(6_000)}`,
    'signature_bad',
  ],
  ['lists in lists', signed(`{"a":${'['.repeat(CLAIMS_MAX)}`), 'claims_not_json'],
  [
    'lists in lists, closed',
    signed(claimsText(globex).replace(/\}$/, `,"a":${'['.repeat(2_400)}${']'.repeat(2_400)}}`)),
    'claims_too_deep',
  ],
  [
    'objects in objects',
    signed(claimsText(globex).replace(/\}$/, `,"a":${'{"a":'.repeat(780)}1${'}'.repeat(780)}}`)),
    'claims_too_deep',
  ],
  ['lists one after the other', filled('[],', (text) => `"a":[${text}0]`), 'claims_too_many_members'],
  ['members', signed(claimsText(globex, Object.fromEntries(many(490).map((name) => [name, 0])))), 'accepted'],
  ['one member, again and again', filled('"a":0,', (text) => `${text}"b":0`), 'claims_duplicate_member'],
  ['escapes', filled('\\u0041', (text) => `"a":"${text}"`), 'accepted'],
  ['quotes', filled('\\"', (text) => `"a":"${text}"`), 'accepted'],
  ['backslashes', filled('\\\\', (text) => `"a":"${text}"`), 'accepted'],
  ['half a surrogate at the end', filled('a', (text) => `"a":"${text}\\ud800"`), 'claims_text_ill_formed'],
  ['spaces after a text', filled(' ', (text) => `"a":"b"${text}`), 'accepted'],
  ['texts and spaces', filled('"a"   ,', (text) => `"a":[${text}0]`), 'claims_too_many_members'],
  ['digits', filled('9', (text) => `"a":${text}`), 'accepted'],
  ['digits behind the point', filled('9', (text) => `"exp2":0.${text}`), 'accepted'],
  ['four bytes a character', filled('😀', (text) => `"a":"${text.slice(0, 1_800)}"`), 'accepted'],
  ['five hundred audiences', signed(claimsText(globex, { aud: many(480) })), 'audience_not_ours'],
  ['two thousand words of scope', signed(claimsText(globex, { scope: 'a '.repeat(2_200) })), 'accepted'],
  ['spaces as scope', signed(claimsText(globex, { scope: ' '.repeat(4_500) })), 'accepted'],
  [
    'a long type',
    signed(claimsText(globex), JSON.stringify({ ...goodHeader(globex), typ: 'application/'.repeat(380) })),
    'type_not_accepted',
  ],
  [
    'a long kid',
    signed(claimsText(globex), JSON.stringify({ ...goodHeader(globex), kid: 'k'.repeat(4_500) })),
    'header_kid_missing',
  ],
  [
    'a long algorithm',
    signed(claimsText(globex), JSON.stringify({ ...goodHeader(globex), alg: 'R'.repeat(4_500) })),
    'alg_not_allowed',
  ],
  ['a long issuer', signed(claimsText(globex, { iss: `https://${'a'.repeat(4_500)}/` })), 'claims_iss_missing'],
  ['a long subject', signed(claimsText(globex, { sub: 'é'.repeat(2_000) })), 'sub_invalid'],
  ['a token of a mebibyte', 'A'.repeat(1_048_576), 'too_long'],
  ['a mebibyte of spaces', ' '.repeat(1_048_576), 'too_long'],
];

const PIECES = [
  '[',
  ']',
  '{',
  '}',
  '{"a":',
  '"a":',
  '"a"',
  '"',
  '\\',
  '\\"',
  '\\u0061',
  '\\ud83d',
  ',',
  ':',
  ' ',
  '\n',
  '0',
  '1e9',
  '-',
  'null',
  'é',
  '😀',
  '"sub":',
  '\u0000',
  '.',
  '=',
  'A',
  '_',
];

/** Text from few pieces, each repeated, of at most so many characters. */
const heap = (random: Random, length: number): string => {
  let text = '';
  while (text.length < length) text += random.pick(PIECES).repeat(1 + random.below(random.chance(0.2) ? 2_000 : 8));
  return text.slice(0, random.below(length + 1));
};

/** Anything up to the largest size: raw, as a header, as claims, or within good claims. */
const anything = (random: Random): string => {
  const text = heap(random, 4_800);
  switch (random.below(5)) {
    case 0:
      return heap(random, TOKEN_MAX_BYTES);
    case 1:
      return signed(claimsText(globex), text);
    case 2:
      return signed(text);
    case 3:
      return signed(claimsText(globex).replace(/\}$/, `,"a":[${text}]}`));
    default:
      return signed(claimsText(globex, { [random.pick(['a', 'scope', 'aud', 'org', 'sub', 'jti'])]: text }));
  }
};

describe('the slowest tokens', () => {
  it('are those of the largest size: 7 KiB are read, a byte more is not', async () => {
    // Not every length can be had by longer claims alone: four characters of base64url are three bytes.
    const lengths = new Map(
      ['', ' ', '  '].flatMap((space) =>
        Array.from({ length: 12 }, (_, more) => {
          const token = signed(claimsText(globex, { a: 'x'.repeat(5_058 + more) }), headerText(globex) + space);
          return [token.length, token] as const;
        }),
      ),
    );
    const tokenOf = (length: number): string => {
      const token = lengths.get(length);
      if (token === undefined) throw new Error(`no token has ${length} characters but ${[...lengths.keys()]}`);
      return token;
    };
    expect(await judge(registry, tokenOf(7_168))).toBe('accepted');
    expect(await judge(registry, tokenOf(7_169))).toBe('too_long');
    expect(readTokenForm('.'.repeat(7_168))).toMatchObject({ reason: 'not_three_parts' });
    expect(readTokenForm('.'.repeat(7_169))).toMatchObject({ reason: 'too_long' });
    expect(readAuthorization([`Bearer ${' '.repeat(7_224)}a`])).toMatchObject({ ok: true, token: 'a' });
    expect(readAuthorization([`Bearer ${' '.repeat(7_225)}a`])).toMatchObject({ ok: false, reason: 'too_long' });
  });

  it.each(HEAVY)('of %s take less than 50 ms', async (_, token, verdict) => {
    if (!['too_long', 'bearer_not_a_token'].includes(verdict))
      expect(token.length).toBeLessThanOrEqual(TOKEN_MAX_BYTES);
    const stopwatch = createStopwatch();
    expect(await stopwatch.time('it', () => judge(registry, token))).toBe(verdict);
    expect(stopwatch.slowest().ms).toBeLessThan(SLOW_MS);
  });

  it('of any making take less than 50 ms, and none makes it throw', async () => {
    const seed = testSeed('slow tokens');
    const random = createRandom(seed);
    const stopwatch = createStopwatch();
    const count = budgetRuns(1_500);
    for (let run = 0; run < count; run += 1) {
      const token = anything(random);
      await stopwatch.time(token, () => judge(registry, token));
    }
    const { ms, input } = stopwatch.slowest();
    process.stdout.write(`slow tokens: ${count} (seed ${seed}), slowest ${ms.toFixed(2)} ms\n`);
    expect(ms, input).toBeLessThan(SLOW_MS);
  });
});
