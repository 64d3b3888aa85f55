import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeProvider, MISBEHAVIOURS, startFakeProvider } from '../support/fake-provider.ts';
import { codeOf } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import {
  createMovedClock,
  createNamedKey,
  fetchedEntry,
  tokenOf,
  untilCopies,
  untilRefreshed,
  whoami,
} from '../support/provider-world.ts';
import { overwritePolicy } from '../support/registry.ts';

const MODES = Object.keys(MISBEHAVIOURS);
const idOf = (mode: string): string => `provider-${MODES.indexOf(mode)}`;
const OTHERS = ['rotated', 'stranger', 'flooded'] as const;
const PLACES = ['dublin', 'new-york', 'sydney'] as const;
const ALL = [...MODES.map(idOf), ...OTHERS];

const keys = new Map(ALL.map((id) => [id, createNamedKey(`${id}-1`)]));
const keyOf = (id: string) => keys.get(id) ?? createNamedKey('nobody');

let platform: Platform;
let provider: FakeProvider;
const clock = createMovedClock(() => platform);

beforeAll(async () => {
  [platform, provider] = await Promise.all([startPlatform(), startFakeProvider()]);
  for (const id of ALL) provider.set(id, [keyOf(id).jwk]);
  const entries = ALL.map((id) => fetchedEntry(id, provider));
  await overwritePolicy(platform, ({ issuers }) => ({ issuers: [...issuers, ...entries] }));
  await clock.forward(61);
  await untilCopies(platform, clock.forward, (copies) => ALL.every((id) => copies[id]?.status === 'ok'));
  await clock.forward(26);
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
  await provider.close();
});

const isIn = async (id: string, key = keyOf(id)): Promise<boolean> =>
  (await whoami(platform, tokenOf(id, key, clock.now()))).status === 200;

/** Lines of a log of this platform whose name begins so. */
const logLines = (prefix: string): readonly string[] => {
  const folder = join(platform.data, 'logs');
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
};

/** What five minutes with one provider cost, and who gets in after them. */
type Row = {
  readonly says: string;
  readonly id: string;
  /** Who shall get in: by the key known before, by the key the answers carry. */
  readonly known: boolean;
  readonly fresh: boolean;
};

const fresh = createNamedKey('fresh');
const ROWS: readonly Row[] = [
  { says: 'behaves', id: 'flooded', known: true, fresh: false },
  ...MODES.map((mode) => ({ says: mode, id: idOf(mode), known: true, fresh: false })),
  { says: 'replaces its keys at one stroke', id: 'rotated', known: false, fresh: true },
  { says: 'publishes the keys of another issuer', id: 'stranger', known: false, fresh: false },
];
const HEAD =
  '| the provider … | requests per Region in 5 min | the longest took | an answer took | known key in | its key in |';

describe('a provider in trouble', () => {
  it('is asked seldom, delays nobody, and its known keys still work unless it replaced them', async () => {
    for (const { says, id } of ROWS) expect(await isIn(id), `${says}: before`).toBe(true);
    const before = new Map(ROWS.map(({ id }) => [id, provider.asked(id)]));
    for (const mode of MODES) provider.set(idOf(mode), [fresh.jwk, keyOf(idOf(mode)).jwk], MISBEHAVIOURS[mode]);
    provider.set('rotated', [fresh.jwk]);
    provider.set('stranger', [keyOf('flooded').jwk]);
    // Five minutes of its trouble.
    for (let minute = 0; minute < 5; minute += 1) {
      await clock.forward(61);
      await untilRefreshed(platform, clock.now());
    }
    await untilCopies(platform, clock.forward, ({ rotated, stranger }) =>
      [rotated, stranger].every((copy) => copy?.jwks.keys[0]?.['kid'] !== 'rotated-1' && copy?.status === 'ok'),
    );
    await clock.forward(26);
    process.stdout.write(`${HEAD}\n`);
    for (const { says, id, ...shall } of ROWS) {
      const asked = (provider.asked(id) - (before.get(id) ?? 0)) / PLACES.length;
      const longest = Math.max(...provider.took(id));
      const startedAt = performance.now();
      const known = await isIn(id);
      const answerMs = performance.now() - startedAt;
      const is = { known, fresh: await isIn(id, fresh) };
      const words = [says, asked.toFixed(1), `${Math.round(longest)} ms`, `${Math.round(answerMs)} ms`];
      process.stdout.write(`| ${[...words, known ? 'yes' : 'no', is.fresh ? 'yes' : 'no'].join(' | ')} |\n`);
      expect(is, says).toEqual(shall);
      expect(asked, `${says}: requests of a Region in five minutes`).toBeLessThanOrEqual(6);
      expect(asked, `${says}: requests of a Region in five minutes`).toBeGreaterThan(0);
      expect(longest, `${says}: time of the refresher`).toBeLessThan(2_000);
      expect(answerMs, `${says}: answer time`).toBeLessThan(2_000);
    }
  });

  it('that leaves none of its keys is an alarm, by the metric that the alarm watches', () => {
    // The same figures stand in the test of the alarm's template.
    const lines = logLines('euw1-refresher');
    expect(lines.some((line) => line.includes('publishes none of the keys it had') && line.includes('"rotated"'))).toBe(
      true,
    );
    const figures = lines.filter((line) => line.includes('KeySetWithdrawn')).map((line) => JSON.parse(line));
    const watched = figures.filter(({ issuer }) => issuer === undefined);
    expect(watched[0]).toMatchObject({
      service: 'refresher',
      _aws: { CloudWatchMetrics: [{ Namespace: 'nearput', Dimensions: [['service']] }] },
    });
    expect(figures.some(({ issuer }) => issuer === 'rotated')).toBe(true);
  });

  it('that publishes the keys of another issuer lets that issuer’s tokens in nowhere else', async () => {
    // The issuer has nobody to blame but its provider: what signs for it is what it publishes.
    expect(await isIn('stranger', keyOf('flooded'))).toBe(true);
    expect(await isIn('flooded')).toBe(true);
    expect(await isIn('flooded', keyOf('stranger'))).toBe(false);
    expect(await isIn('rotated', keyOf('flooded'))).toBe(false);
  });
});

describe('a flood of unknown kids while the provider is off', () => {
  it('makes at most one ask in 30 s, and known keys go on', { timeout: 120_000 }, async () => {
    provider.set('flooded', [], MISBEHAVIOURS['cuts the connection']);
    await clock.forward(31);
    const asks = () => logLines('').filter((line) => line.includes('"wanted":["flooded"]')).length;
    const [asksBefore, askedBefore] = [asks(), provider.asked('flooded')];
    const startedAt = Date.now();
    let sent = 0;
    const outcomes = new Map<string, number>();
    const flood = async (): Promise<void> => {
      while (sent < 1_020) {
        sent += 1;
        const known = sent % 51 === 0;
        const key = known ? keyOf('flooded') : { ...keyOf('flooded'), kid: `made-up-${sent}` };
        const answer = await whoami(platform, tokenOf('flooded', key, clock.now()));
        const outcome = `${known ? 'known' : 'unknown'} ${answer.status === 200 ? 200 : codeOf(answer)}`;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 8 }, flood));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const tookSeconds = (Date.now() - startedAt) / 1_000;
    expect(Object.fromEntries(outcomes)).toEqual({ 'known 200': 20, 'unknown token_untrusted': 1_000 });
    const halfMinutes = Math.floor(tookSeconds / 30) + 1;
    const [asked, requests] = [asks() - asksBefore, provider.asked('flooded') - askedBefore];
    process.stdout.write(`1,000 unknown kids in ${tookSeconds.toFixed(1)} s: ${asked} asks, ${requests} requests\n`);
    expect(asked).toBeGreaterThan(0);
    // Half minutes of the clock, one more because the flood need not begin with one.
    expect(asked).toBeLessThanOrEqual(halfMinutes + 1);
    expect(requests).toBeLessThanOrEqual(PLACES.length * (halfMinutes + 1));
  });
});
