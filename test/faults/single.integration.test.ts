import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { UploadWish } from '../../origin/testing/subjects.ts';
import type { Fault } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { sendForm, sendPut } from './sender.fixture.ts';
import { abort, createStories, finalize, once } from './story.fixture.ts';
import type { World } from './world.fixture.ts';

const { story } = createStories();

/** One upload of a few random bytes. `declared`: with its SHA-256. */
const begin = (world: World, random: Random, seed: number, wish: UploadWish & { declared?: boolean } = {}) => {
  const { declared = false, ...more } = wish;
  const content = random.bytes(more.size ?? 1 + random.below(4_000));
  const sha256 = declared ? createHash('sha256').update(content).digest('hex') : null;
  const upload = world.grant({ size: content.length, sha256, seed: `${seed} ${random.below(1e9)}`, ...more });
  return { content, upload };
};

describe('one PUT', () => {
  story('whose line is cut half way leaves nothing, and works again', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { size: 100_000 });
    once(world, { kind: 'cut', afterBytes: 1 + random.below(99_998) });
    expect(await sendPut(world, upload, content)).toBe('broken');
    expect(await finalize(world, { upload })).toBe('409 bytes_missing');
    expect(await sendPut(world, upload, content)).toBe('200');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('whose answer is lost is there: the second is 412, and finalize is success', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed);
    once(world, random.pick<Fault>([{ kind: 'drop-answer' }, { kind: 'late-copy', ms: random.below(40) }]));
    expect(await sendPut(world, upload, content)).toBe('broken');
    expect(await sendPut(world, upload, content)).toBe('412 PreconditionFailed');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('delivered twice makes one version', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed);
    once(world, { kind: 'twice' });
    expect(await sendPut(world, upload, content)).toBe('200');
    if (random.chance(0.5)) await world.recordEvents(random);
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('over a line that is slow or resets arrives by trying again', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed);
    for (const kind of random.shuffle(['reset', 'slow-down'] as const)) {
      once(world, { kind });
      expect(await sendPut(world, upload, content)).toBe(kind === 'reset' ? 'broken' : '503 SlowDown');
    }
    once(
      world,
      random.pick<Fault>([
        { kind: 'latency', ms: 30 },
        { kind: 'bandwidth', bytesPerSecond: 100_000 },
      ]),
    );
    expect(await sendPut(world, upload, content)).toBe('200');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('with a URL that has expired is refused, and a fresh one works', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed);
    const signedAt = Date.now() - 901_000 - random.below(3_600_000);
    expect(await sendPut(world, upload, content, { signedAt })).toBe('403 AccessDenied');
    expect(await finalize(world, { upload })).toBe('409 bytes_missing');
    expect(await sendPut(world, upload, content)).toBe('200');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('of other bytes, type, length or checksum stores nothing', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { declared: true });
    const other = Buffer.from(content);
    const at = random.below(other.length);
    other.writeUInt8(other.readUInt8(at) ^ (1 << random.below(8)), at);
    const lies = [
      () => sendPut(world, upload, other),
      () => sendPut(world, upload, Buffer.concat([content, random.bytes(1)])),
      () => sendPut(world, upload, content.subarray(1)),
      () => sendPut(world, upload, content, { headers: { 'content-type': 'text/html' } }),
      () =>
        sendPut(world, upload, content, { headers: { 'x-amz-checksum-sha256': random.bytes(32).toString('base64') } }),
    ];
    for (const lie of random.shuffle(lies)) expect(await lie()).toMatch(/^(400|403) /);
    expect(await finalize(world, { upload })).toBe('409 bytes_missing');
    expect(await sendPut(world, upload, content)).toBe('200');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('with a bit flipped on the way is 400 BadDigest when its SHA-256 was declared', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { declared: true });
    once(world, { kind: 'flip-bit', byte: random.below(content.length) });
    expect(await sendPut(world, upload, content)).toBe('400 BadDigest');
    expect(await finalize(world, { upload })).toBe('409 bytes_missing');
    expect(await sendPut(world, upload, content)).toBe('200');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('of no bytes is an upload like any other', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { size: 0 });
    once(world, random.pick<Fault>([{ kind: 'drop-answer' }, { kind: 'twice' }, { kind: 'reset' }]));
    await sendPut(world, upload, content);
    await sendPut(world, upload, content);
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story(
    'whose token ends before finalize is finished with a fresh one of the same caller',
    async (world, random, seed) => {
      const { upload, content } = begin(world, random, seed);
      expect(await sendPut(world, upload, content)).toBe('200');
      const end = Math.floor(world.clock.now / 1_000) - 60 - random.below(10_000);
      const old = world.tokenNow({ iat: end - 600, exp: end });
      const path = `${upload.subject.id}/finalize`;
      expect((await world.ask('POST', path, undefined, old)).line).toBe('401 token_expired');
      expect(await finalize(world, { upload })).toBe('200');
      return { upload, content };
    },
  );

  story('that races abort ends as one of the two, whole', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed);
    const calls = random.shuffle([
      () => sendPut(world, upload, content),
      () => abort(world, { upload }),
      () => finalize(world, { upload }),
    ]);
    await Promise.all(calls.map((call) => call()));
    await world.recordEvents(random);
    expect(await finalize(world, { upload })).toMatch(/^(200|410 upload_aborted)$/);
    return { upload, content, ends: ['UPLOADED', 'ABORTED'] };
  });
});

describe('one form', () => {
  story(
    'sent again, before or after finalize, leaves one version, and the one that was pinned',
    async (world, random, seed) => {
      const { upload, content } = begin(world, random, seed, { kind: 'form' });
      expect(await sendForm(world, upload, content)).toBe('201');
      const early = random.chance(0.5);
      if (early) await world.recordEvents(random);
      if (random.chance(0.5)) expect(await sendForm(world, upload, content)).toBe('201');
      expect(await finalize(world, { upload })).toBe('200');
      const pinned = (await world.ask('GET', upload.subject.id)).body as { versionId: string };
      expect(await sendForm(world, upload, content)).toBe('201');
      await world.recordEvents(random);
      const after = (await world.ask('GET', upload.subject.id)).body as { versionId: string };
      expect(after.versionId).toBe(pinned.versionId);
      return { upload, content };
    },
  );

  story('one byte too long or too short stores nothing', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { kind: 'form' });
    expect(await sendForm(world, upload, Buffer.concat([content, random.bytes(1)]))).toBe('400 EntityTooLarge');
    expect(await sendForm(world, upload, content.subarray(1))).toBe('400 EntityTooSmall');
    expect(await finalize(world, { upload })).toBe('409 bytes_missing');
    return { upload, content, ends: ['none'] };
  });

  story('whose line is cut works again', async (world, random, seed) => {
    const { upload, content } = begin(world, random, seed, { kind: 'form', size: 50_000 });
    once(world, { kind: 'cut', afterBytes: random.below(50_000) });
    expect(await sendForm(world, upload, content)).toBe('broken');
    expect(await sendForm(world, upload, content)).toBe('201');
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });
});
