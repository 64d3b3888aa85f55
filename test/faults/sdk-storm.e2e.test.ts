import { describe, expect } from 'vitest';
import { createMemoryStore } from '../../client/state/memory-store.ts';
import type { Fault } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { STORAGE_LINES } from './lines.fixture.ts';
import { createSdkStories, isInParts, sourceOf, succeeded, type Try, upload } from './sdk-story.fixture.ts';

const story = createSdkStories();

const anyFault = (random: Random): Fault =>
  random.pick<Fault>([
    { kind: 'latency', ms: random.below(100) },
    { kind: 'bandwidth', bytesPerSecond: 20_000_000 },
    { kind: 'cut', afterBytes: random.below(2_000) },
    { kind: 'reset' },
    { kind: 'drop-answer' },
    { kind: 'cut-answer', afterBytes: random.below(50) },
    { kind: 'slow-down' },
    { kind: 'twice' },
    { kind: 'late-copy', ms: random.below(100) },
  ]);

/** Every fourth request anywhere meets something. */
const rage = ({ cloud, random }: Try): void => {
  for (const name of [...STORAGE_LINES, 'edge'] as const) {
    cloud.lines[name].rule = () => (random.chance(0.25) ? anyFault(random) : undefined);
  }
};

describe('the SDK in a storm', () => {
  story('brings every byte home, once', async (one) => {
    rage(one);
    return succeeded(await upload(one, one.person.client({ retries: 30 })));
  });

  story('cancels whole: the upload is aborted, or was complete', async (one) => {
    const { person, random, content, options, cloud } = one;
    rage(one);
    const handle = person
      .client({ retries: 30 })
      .startUpload(sourceOf(content), { ...options, onCreated: ({ id }) => void person.ids.push(id) });
    const result = handle.result.then(
      (record) => ({ record }),
      (error: unknown) => ({ error }),
    );
    await new Promise((resolve) => setTimeout(resolve, random.below(150)));
    // What cancel could not tell the gateway now, it is told when it is asked again.
    const cancelled = await handle.cancel().then(
      () => true,
      () => false,
    );
    const outcome = await result;
    if ('record' in outcome) return outcome;
    await cloud.calm();
    const id = person.ids.at(-1);
    if (!cancelled && id !== undefined) {
      const { line } = await person.sceneOf(id).ask('POST', `${id}/abort`);
      expect(line).toMatch(/^(204|409 already_complete)$/);
    }
    return { ...outcome, mayBeDone: true };
  });
});

describe('a process that dies in the middle', () => {
  story('is followed by one that finishes, and in parts sends nothing twice that S3 had', async (one) => {
    const { cloud, person, random } = one;
    const state = createMemoryStore();
    const dies = new AbortController();
    let left = random.below(5);
    for (const name of ['edge', 'euw1'] as const) {
      cloud.lines[name].rule = () => {
        if (left-- > 0) return undefined;
        // Nothing of it is heard any more, whether or not its last request arrives.
        setTimeout(() => dies.abort(new Error('died')), random.below(10));
        return random.pick<Fault>([{ kind: 'drop-answer' }, { kind: 'reset' }]);
      };
    }
    const first = await upload(one, person.client({ state }), { signal: dies.signal });
    await cloud.calm();
    if (first.record !== undefined) return first;
    const [id] = person.ids;
    const held = id === undefined ? [] : await person.heldParts(id);
    const before = cloud.lines.euw1.seen.length;
    const outcome = succeeded(await upload(one, person.client({ state })));
    if (isInParts(one.way) && outcome.record?.id === id) {
      const sent = cloud.lines.euw1.seen.slice(before).filter((line) => line.startsWith('PUT'));
      const again = sent.filter((line) => held.some((number) => line.includes(`partNumber=${number}&`)));
      expect(again).toEqual([]);
    }
    // What went in one request is not remembered, so the first one's may be done as well.
    return { ...outcome, mayBeDone: !isInParts(one.way) };
  });
});
