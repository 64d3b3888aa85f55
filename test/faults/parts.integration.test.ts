import { createHash } from 'node:crypto';
import { describe, expect } from 'vitest';
import type { PartList } from '../../core/contract/records.ts';
import type { Fault } from '../support/fault-proxy.ts';
import { type Begun, beginParts } from './begin-parts.fixture.ts';
import { recordOf } from './invariants.fixture.ts';
import { placeZeros, sendPart, startParts } from './sender.fixture.ts';
import { abort, createStories, finalize, once } from './story.fixture.ts';
import { askUntilSettled, type World } from './world.fixture.ts';

const { story } = createStories();

const list = async (world: World, { upload, uploadId }: Begun): Promise<PartList> =>
  (await world.ask('GET', `${upload.subject.id}/parts?uploadId=${encodeURIComponent(uploadId)}`)).body as PartList;

describe('a part', () => {
  story('cut on its way is not there, and is sent again', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    once(world, { kind: 'cut', afterBytes: random.below(begun.tail.length) });
    expect(await begun.send()).toBe('broken');
    expect(await finalize(world, begun)).toBe('409 parts_missing');
    expect(await list(world, begun)).toMatchObject({ missing: [begun.last], wrong: [] });
    expect(await begun.send()).toBe('200');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('whose answer is lost, or that is delivered twice, is there once', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    once(
      world,
      random.pick<Fault>([{ kind: 'drop-answer' }, { kind: 'twice' }, { kind: 'cut-answer', afterBytes: 0 }]),
    );
    await begun.send();
    if (random.chance(0.5)) expect(await begun.send()).toBe('200');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('whose copy arrives after everything is over changes nothing', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    once(world, { kind: 'late-copy', ms: 20 + random.below(60) });
    expect(await begun.send()).toBe('broken');
    expect(await finalize(world, begun)).toBe('200');
    await world.servers.proxies.client.quiet();
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story(
    'whose first try lands after another one is found by its hash: 409, and the upload stays open',
    async (world, random, seed) => {
      const begun = await beginParts(world, random, seed);
      const early = Buffer.from(begun.tail.map((byte) => byte ^ 255));
      expect(await begun.send()).toBe('200');
      expect(await begun.send(early)).toBe('200');
      const hash = createHash(begun.upload.subject.upload.checksumMode === 'sha256' ? 'sha256' : 'md5').update(
        begun.tail,
      );
      const claim =
        begun.upload.subject.upload.checksumMode === 'sha256'
          ? { sha256: hash.digest('hex') }
          : { etag: hash.digest('hex') };
      const parts = [{ number: begun.last, ...claim }];
      const refused = await askUntilSettled(world, 'POST', `${begun.upload.subject.id}/finalize`, { parts });
      expect(refused.line).toBe('409 part_mismatch');
      expect(refused.body).toMatchObject({ errors: [{ path: `/parts/${begun.last}` }] });
      expect(await begun.send()).toBe('200');
      expect(await finalize(world, begun, { parts })).toBe('200');
      return begun;
    },
  );

  story('with a bit flipped on its way is refused where it carries a SHA-256', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed, { checksumMode: 'sha256' });
    once(world, { kind: 'flip-bit', byte: random.below(begun.tail.length) });
    expect(await begun.send()).toBe('400 BadDigest');
    expect(await finalize(world, begun)).toBe('409 parts_missing');
    expect(await begun.send()).toBe('200');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('of the wrong length is refused by S3', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    const { uploadId, last: number, upload, tail } = begun;
    const wrong = random.pick([Buffer.concat([tail, random.bytes(1)]), tail.subarray(1)]);
    expect(await sendPart(world, upload, { uploadId, number, body: wrong })).toMatch(/^403 /);
    expect(await finalize(world, begun)).toBe('409 parts_missing');
    expect(await begun.send()).toBe('200');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story(
    'whose URL expired while others were on their way gets a fresh one; those others stay',
    async (world, random, seed) => {
      const begun = await beginParts(world, random, seed);
      const { uploadId, last: number, upload, tail: body } = begun;
      const signedAt = Date.now() - 901_000 - random.below(1_000_000);
      expect(await sendPart(world, upload, { uploadId, number, body }, { signedAt })).toBe('403 AccessDenied');
      expect((await list(world, begun)).missing).toEqual([number]);
      expect(await begun.send()).toBe('200');
      expect(await finalize(world, begun)).toBe('200');
      return begun;
    },
  );

  story('that comes after abort is refused, and the upload stays aborted', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    expect(await abort(world, begun)).toBe('204');
    expect(await begun.send()).toBe('404 NoSuchUpload');
    expect(await finalize(world, begun)).toBe('410 upload_aborted');
    return { ...begun, ends: ['ABORTED'] };
  });
});

describe('finalize of parts', () => {
  story('is one answer for everybody, at once and later', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    await begun.send();
    const path = `${begun.upload.subject.id}/finalize`;
    const answers = await Promise.all(
      Array.from({ length: 2 + random.below(19) }, () => askUntilSettled(world, 'POST', path)),
    );
    const again = await askUntilSettled(world, 'POST', path);
    expect(new Set(answers.map(({ line }) => line))).toEqual(new Set(['200']));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body)))).toEqual(new Set([JSON.stringify(again.body)]));
    return begun;
  });

  story('that names another ETag is 409 naming the part, and open', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    await begun.send();
    const parts = [{ number: begun.last, etag: random.bytes(16).toString('hex') }];
    expect(await finalize(world, begun, { parts })).toBe('409 part_mismatch');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('races abort and ends as one of the two, whole', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    await begun.send();
    const waits = [random.below(25), random.below(25)];
    const later = async (call: () => Promise<string>, milliseconds = 0): Promise<string> => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return call();
    };
    const [finalized, aborted] = await Promise.all([
      later(() => finalize(world, begun), waits[0]),
      later(() => abort(world, begun), waits[1]),
    ]);
    const state = (await recordOf(world, begun.upload))?.state;
    if (state === 'ABORTED') expect([finalized, aborted]).toEqual(['410 upload_aborted', '204']);
    else expect([finalized, aborted]).toEqual(['200', '409 already_complete']);
    return { ...begun, ends: ['UPLOADED', 'ABORTED'] };
  });

  story('takes the named one of two open uploads, and nothing is left of the other', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    const other = await startParts(world, begun.upload);
    await placeZeros(world, begun.upload, other);
    const different = Buffer.from(begun.tail.map((byte) => byte ^ 1));
    await sendPart(world, begun.upload, { uploadId: other, number: begun.last, body: different });
    await begun.send();
    expect(await finalize(world, begun, { uploadId: begun.uploadId })).toBe('200');
    if (random.chance(0.3)) expect(await finalize(world, begun, { uploadId: other })).toBe('200');
    return begun;
  });

  story('eight days later is 410, and abort frees the parts', async (world, random, seed) => {
    const begun = await beginParts(world, random, seed);
    await begun.send();
    world.clock.now += 8 * 86_400_000;
    expect(await finalize(world, begun)).toBe('410 upload_expired');
    expect(await abort(world, begun)).toMatch(/^204$/);
    return { ...begun, ends: ['none', 'ABORTED', 'CREATED'] };
  });
});
