import { describe, expect } from 'vitest';
import type { Fault } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { type Begun, beginParts } from './begin-parts.fixture.ts';
import { sendForm, sendPut } from './sender.fixture.ts';
import { abort, createStories, finalize } from './story.fixture.ts';
import { persist, type World } from './world.fixture.ts';

const { story } = createStories();

const anyFault = (random: Random): Fault =>
  random.pick<Fault>([
    { kind: 'latency', ms: random.below(60) },
    { kind: 'cut', afterBytes: random.below(2_000) },
    { kind: 'reset' },
    { kind: 'drop-answer' },
    { kind: 'cut-answer', afterBytes: random.below(50) },
    { kind: 'slow-down' },
    { kind: 'twice' },
    { kind: 'late-copy', ms: random.below(60) },
  ]);

/** Every fourth request anywhere meets something; S3 also lies about what it completed. */
const rage = ({ servers }: World, random: Random): void => {
  for (const proxy of Object.values(servers.proxies)) {
    proxy.rule = ({ method, target }) => {
      if (!random.chance(0.25)) return undefined;
      const completes = method === 'POST' && target.includes('uploadId=');
      return completes && random.chance(0.5) ? { kind: 'error-in-200', acts: random.chance(0.5) } : anyFault(random);
    };
  }
};

type Any = Pick<Begun, 'upload' | 'content'> & { send(): Promise<string> };

const beginAny = async (world: World, random: Random, seed: number): Promise<Any> => {
  const kind = random.pick(['put', 'form', 'multipart', 'multipart'] as const);
  if (kind === 'multipart') return beginParts(world, random, seed);
  const content = random.bytes(1 + random.below(2_000));
  const upload = world.grant({ kind, size: content.length, seed: `${seed} ${random.below(1e9)}` });
  const deliver = kind === 'put' ? sendPut : sendForm;
  return { upload, content, send: () => deliver(world, upload, content) };
};

/** A client that does not give up: sends until S3 has it, finalizes, and sends again when told so. */
const insist = async (world: World, { upload, send }: Any): Promise<string> => {
  for (let turn = 0; turn < 60; turn += 1) {
    for (let tries = 0; tries < 60; tries += 1) if (/^(200|201|404|412)/.test(await send())) break;
    const line = await finalize(world, { upload });
    if (!/^409 (parts_missing|bytes_missing)/.test(line)) return line;
  }
  return 'gave up';
};

describe('an upload in a storm', () => {
  story('arrives whole, once, as long as somebody insists', async (world, random, seed) => {
    const begun = await beginAny(world, random, seed);
    rage(world, random);
    expect(await insist(world, begun)).toBe('200');
    return begun;
  });

  story('that somebody else aborts ends as one of the two, whole', async (world, random, seed) => {
    const begun = await beginAny(world, random, seed);
    rage(world, random);
    await Promise.all([insist(world, begun), abort(world, begun)]);
    await world.servers.calm();
    // What an abort began is finished when it is asked again.
    expect(await abort(world, begun)).toMatch(/^(204|409 already_complete)$/);
    return { ...begun, ends: ['UPLOADED', 'ABORTED', 'RECEIVED'] };
  });
});

describe('a process that dies on running servers', () => {
  const ends = { finalize: ['UPLOADED'], abort: ['ABORTED', 'RECEIVED'] };
  for (const verb of ['finalize', 'abort'] as const) {
    story(`before or after any call of ${verb} is made good by the next`, async (world, random, seed) => {
      const twin = await beginAny(world, random, seed);
      await twin.send();
      const { calls } = await world.askMortal(null, 'POST', `${twin.upload.subject.id}/${verb}`);
      const begun = await beginAny(world, random, seed);
      await begun.send();
      const point = { at: random.below(calls), when: random.pick(['before', 'after'] as const) };
      await world.askMortal(point, 'POST', `${begun.upload.subject.id}/${verb}`);
      const line = await persist(world, 'POST', `${begun.upload.subject.id}/${verb}`);
      expect(line).toMatch(verb === 'finalize' ? /^200$/ : /^(204|409 already_complete)$/);
      return { ...begun, ends: ends[verb] };
    });
  }

  story('at every single point of finalize of parts', async (world, random, seed) => {
    const counted = await beginParts(world, random, seed, { checksumMode: 'none' });
    await counted.send();
    const { calls } = await world.askMortal(null, 'POST', `${counted.upload.subject.id}/finalize`);
    // Every seed takes the next point, so that a few seeds walk through all of them.
    const step = seed % (2 * calls);
    const begun = await beginParts(world, random, seed, { checksumMode: 'none' });
    await begun.send();
    const point = { at: step >> 1, when: step % 2 === 0 ? 'before' : 'after' } as const;
    expect((await world.askMortal(point, 'POST', `${begun.upload.subject.id}/finalize`)).line).toBe('died');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });
});
