import { describe, expect, it } from 'vitest';
import { budgetRuns, testSeed } from '../../test/support/budget.ts';
import { createRandom } from '../../test/support/random.ts';
import { createGoodTokens } from './testing/good-tokens.ts';
import { judge } from './testing/judge.ts';
import { JSON_MUTATIONS } from './testing/mutate-json.ts';
import { TEXT_MUTATIONS } from './testing/mutate-text.ts';
import { createStopwatch } from './testing/stopwatch.ts';

/** 8,000; in a deep run, where each randomised test may take 30 seconds, 240,000. */
const TOKENS = budgetRuns(8_000);
/** What no input may take, in milliseconds. */
const SLOW_MS = 50;

const good = createGoodTokens();
const goodTokens = new Set(good.tokens);
const mutations = Object.entries({ ...TEXT_MUTATIONS, ...JSON_MUTATIONS });

describe('a mutated token', () => {
  it('is accepted only if it is byte for byte a good one, or one whose ECDSA signature is respelled', async () => {
    const seed = testSeed('mutated tokens');
    const random = createRandom(seed);
    const stock = { ...good, random };
    const stopwatch = createStopwatch();
    const used = new Map<string, number>();
    const verdicts = new Map<string, number>();
    for (let run = 0; run < TOKENS; run += 1) {
      let token = random.pick(good.tokens);
      const how: string[] = [];
      for (let more = true; more; more = random.chance(0.25)) {
        const [name, mutate] = random.pick(mutations);
        token = mutate(token, stock);
        how.push(name);
        used.set(name, (used.get(name) ?? 0) + 1);
      }
      const verdict = await stopwatch.time(token, () => judge(good.registry, token));
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
      // Spaces before a token belong to the header: "Bearer" and one or more of them (RFC 9110, 11.4).
      const bare = token.replace(/^ +/, '');
      const expected = goodTokens.has(bare) || good.respelled.has(bare);
      if ((verdict === 'accepted') !== expected) {
        expect.fail(`NEARPUT_TEST_SEED=${seed}, token ${run}: ${how.join(', then ')}: ${verdict}: ${token}`);
      }
    }
    process.stdout.write(
      `mutated tokens: ${TOKENS} (seed ${seed}), ${verdicts.get('accepted') ?? 0} came out as they were or respelled; ` +
        `${verdicts.size - 1} kinds of refusal; slowest ${stopwatch.slowest().ms.toFixed(2)} ms\n`,
    );
    expect(stopwatch.slowest().ms, stopwatch.slowest().input).toBeLessThan(SLOW_MS);
    expect([...used.keys()].sort()).toEqual(mutations.map(([name]) => name).sort());
    expect(verdicts.get('signature_bad') ?? 0).toBeGreaterThan(TOKENS / 10);
    expect(verdicts.size).toBeGreaterThan(25);
  });
});
