import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeProvider, startFakeProvider } from '../support/fake-provider.ts';
import { callGateway, codeOf, someFile, until } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import {
  createMovedClock,
  createNamedKey,
  fetchedEntry,
  type NamedKey,
  patiently,
  tokenOf,
  untilCopies,
  whoami,
} from '../support/provider-world.ts';
import { overwritePolicy } from '../support/registry.ts';

const ID = 'rolling';
const PLACES = ['dublin', 'new-york', 'sydney'] as const;
/** How long tokens live, and how far clocks may differ, in seconds. */
const [LIFE, SKEW] = [120, 10];
/** The clock never moves further at once: a token of a request under way must not end by a jump. */
const STEP = 30;

let platform: Platform;
let provider: FakeProvider;
const clock = createMovedClock(() => platform);
const [old, next] = [createNamedKey('rolling-1'), createNamedKey('rolling-2')];

beforeAll(async () => {
  [platform, provider] = await Promise.all([startPlatform(), startFakeProvider()]);
  provider.set(ID, [old.jwk]);
  await overwritePolicy(platform, ({ issuers }) => ({ issuers: [...issuers, fetchedEntry(ID, provider)] }));
  await clock.forward(61);
  await untilCopies(platform, clock.forward, (copies) => copies[ID]?.status === 'ok');
  await clock.forward(26);
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
  await provider.close();
});

/** Creates uploads at every place without a pause, each with a token of its own, until it is stopped. */
const startCreating = (signing: () => NamedKey) => {
  const outcomes = new Map<string, number>();
  const started = PLACES.map(() => 0);
  let running = true;
  const create = async (viewer: string, index: number): Promise<void> => {
    while (running) {
      started[index] = (started[index] ?? 0) + 1;
      const key = signing();
      const token = tokenOf(ID, key, clock.now(), LIFE);
      const { body } = someFile();
      const answer = await patiently(() => callGateway(platform, 'POST', '/v1/uploads', { token, viewer, body }));
      const outcome =
        answer.status === 201 ? `${key.kid} 201` : `${key.kid} ${codeOf(answer)} at ${viewer}: ${answer.text}`;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
  };
  const all = Promise.all(PLACES.map(create));
  return {
    outcomes,
    /** Waits until every place has answered `count` requests that began after this call. */
    untilAnswered: async (count = 1): Promise<void> => {
      const goals = started.map((soFar) => soFar + count + 1);
      const reached = async () => started.every((soFar, index) => soFar >= (goals[index] ?? 0));
      await until(reached, (done) => done, 60_000);
    },
    stop: async (): Promise<void> => {
      running = false;
      await all;
    },
  };
};

/** A rotation as a provider does it, while creates run. */
const rotate = async (load: ReturnType<typeof startCreating>, use: (key: NamedKey) => void): Promise<void> => {
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= STEP) {
      await clock.forward(Math.min(STEP, left));
      await load.untilAnswered();
    }
  };
  const untilKeys = (count: number): Promise<void> =>
    untilCopies(platform, pass, ({ [ID]: copy }) => copy?.jwks.keys.length === count);
  await load.untilAnswered(10);
  provider.set(ID, [old.jwk, next.jwk]);
  await pass(61);
  // The refreshers work in the machine's time, of which half a minute would have passed here.
  await untilKeys(2);
  await pass(29);
  // 90 s after it was published.
  use(next);
  await load.untilAnswered(10);
  // The last token of the old key has ended, skew and all.
  await pass(LIFE + SKEW + 1);
  provider.set(ID, [next.jwk]);
  await pass(61);
  await untilKeys(1);
  await pass(26);
  await load.untilAnswered(10);
};

describe('a rotation under load', () => {
  it('refuses not one good request', { timeout: 120_000 }, async () => {
    let signing = old;
    const load = startCreating(() => signing);
    try {
      await rotate(load, (key) => {
        signing = key;
      });
    } finally {
      await load.stop();
    }
    process.stdout.write(`rotation under load: ${JSON.stringify(Object.fromEntries(load.outcomes))}\n`);
    expect([...load.outcomes.keys()].sort()).toEqual(['rolling-1 201', 'rolling-2 201']);
    for (const count of load.outcomes.values()) expect(count).toBeGreaterThan(20);
    expect((await whoami(platform, tokenOf(ID, old, clock.now()))).status).toBe(401);
  });
});
