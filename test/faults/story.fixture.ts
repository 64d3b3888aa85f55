import { afterAll, beforeAll, it } from 'vitest';
import type { TestUpload } from '../../origin/testing/subjects.ts';
import type { Fault, FaultProxy, Passing } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { checkInvariants } from './invariants.fixture.ts';
import { seedsTimeoutMs, withSeeds } from './seeds.fixture.ts';
import { type Servers, startServers } from './servers.fixture.ts';
import { createWorld, persist, type World } from './world.fixture.ts';

/** An upload that something happened to, and everything that was sent as its content. */
export type Told = {
  readonly upload: TestUpload;
  readonly content: Buffer;
  /** States it may have ended in; UPLOADED unless said. */
  readonly ends?: readonly string[];
};

export type Tell = (world: World, random: Random, seed: number) => Promise<Told>;

/** Servers for all tests of a file, and how they tell a story: once for each seed, then every invariant is checked. */
export const createStories = () => {
  let running: Servers | undefined;
  const servers = (): Servers => {
    if (running === undefined) throw new Error('no servers run');
    return running;
  };
  beforeAll(async () => {
    running = await startServers();
  });
  afterAll(() => running?.stop());
  const story = (name: string, tell: Tell): void => {
    it(name, { timeout: seedsTimeoutMs() }, async () => {
      await withSeeds(name, async (random, seed) => {
        const world = createWorld(servers());
        const { upload, content, ends = ['UPLOADED'] } = await tell(world, random, seed);
        await checkInvariants(world, random, upload, { content, ends });
      });
    });
  };
  return { servers, story };
};

/** The next `times` requests through a proxy that fit meet a fault, and no other does. */
export const meet = (
  proxy: FaultProxy,
  fault: Fault,
  { fits = () => true, times = 1 }: { fits?: (request: Passing) => boolean; times?: number } = {},
): void => {
  let left = times;
  proxy.rule = (request) => {
    if (left === 0 || !fits(request)) return undefined;
    left -= 1;
    return fault;
  };
};

/** The next request of the client to S3 meets a fault. */
export const once = ({ servers }: World, fault: Fault): void => meet(servers.proxies.client, fault);

/** The last answer to finalize, asked as long as it is 202 or 503. */
export const finalize = (world: World, { upload }: Pick<Told, 'upload'>, json?: unknown): Promise<string> =>
  persist(world, 'POST', `${upload.subject.id}/finalize`, json);

/** The last answer to abort, asked as long as it is 503. */
export const abort = (world: World, { upload }: Pick<Told, 'upload'>): Promise<string> =>
  persist(world, 'POST', `${upload.subject.id}/abort`);
