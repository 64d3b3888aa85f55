import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import type { Fault, Passing } from '../support/fault-proxy.ts';
import type { Random } from '../support/random.ts';
import { type Begun, beginParts } from './begin-parts.fixture.ts';
import { recordOf } from './invariants.fixture.ts';
import { sendForm, sendPut } from './sender.fixture.ts';
import { BUCKET } from './servers.fixture.ts';
import { abort, createStories, finalize, meet, type Told } from './story.fixture.ts';
import type { World } from './world.fixture.ts';

const { story } = createStories();

const isComplete = ({ method, target }: Passing): boolean => method === 'POST' && target.includes('uploadId=');

/** The next Completes of the origin meet a fault. */
const meetComplete = ({ servers }: World, fault: Fault, times = 1): void =>
  meet(servers.proxies.s3, fault, { fits: isComplete, times });

const path = ({ upload }: Pick<Told, 'upload'>, verb: string): string => `${upload.subject.id}/${verb}`;

/** What may happen to any request to AWS. */
const anyTrouble = (random: Random): Fault =>
  random.pick<Fault>([
    { kind: 'slow-down' },
    { kind: 'reset' },
    { kind: 'drop-answer' },
    { kind: 'cut-answer', afterBytes: 0 },
    { kind: 'latency', ms: random.below(900) },
    { kind: 'twice' },
    { kind: 'late-copy', ms: random.below(50) },
  ]);

const sent = async (world: World, random: Random, seed: number): Promise<Begun> => {
  const begun = await beginParts(world, random, seed);
  expect(await begun.send()).toBe('200');
  return begun;
};

describe('Complete', () => {
  story('answered 200 with an error, having acted or not, ends in the truth', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    meetComplete(world, { kind: 'error-in-200', acts: random.chance(0.5) }, 1 + random.below(4));
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('whose answer is lost, late, cut or busy ends in the truth', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    const faults: readonly Fault[] = [
      { kind: 'drop-answer' },
      { kind: 'cut-answer', afterBytes: random.below(40) },
      { kind: 'latency', ms: 500 + random.below(400) },
      { kind: 'slow-down' },
      { kind: 'reset' },
      { kind: 'twice' },
      { kind: 'late-copy', ms: random.below(80) },
    ];
    meetComplete(world, random.pick(faults), 1 + random.below(3));
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('done, while the client saw an error and aborts, is complete', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    // Right after Complete, or after HEAD and before the record is written; or S3 takes so long that a worker is to go on.
    const point = { at: random.pick(['complete', 'head']), when: 'after' } as const;
    expect((await world.askMortal(point, 'POST', path(begun, 'finalize'))).line).toMatch(/^(died|202)$/);
    expect(await abort(world, begun)).toBe('409 already_complete');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });
});

describe('S3 or the table in trouble', () => {
  story('is 503 with Retry-After, then success, whichever call met it', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    const skip = random.below(6);
    let count = 0;
    const fault = anyTrouble(random);
    const proxy = random.pick([world.servers.proxies.s3, world.servers.proxies.dynamodb]);
    proxy.rule = () => {
      count += 1;
      return count > skip && count <= skip + 4 ? fault : undefined;
    };
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('writes once when a write commits and its answer is lost', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    world.servers.data.addFault({ service: 'dynamodb', action: 'PutItem', mode: 'drop', count: 1 + random.below(3) });
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('answers in time when the table hangs, and finishes when it is back', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    world.servers.proxies.dynamodb.rule = () => ({ kind: 'latency', ms: 1_500 });
    expect((await world.ask('POST', path(begun, 'finalize'))).line).toBe('503 upstream_unavailable');
    await world.servers.calm();
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('goes on in the worker when S3 takes longer than a request may', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    meetComplete(world, { kind: 'latency', ms: 900 });
    const answer = await world.ask('POST', path(begun, 'finalize'));
    expect(answer.line).toBe('202');
    expect(answer.body).toMatchObject({ state: 'COMPLETING' });
    await world.converge(random);
    expect((await recordOf(world, begun.upload))?.state).toBe('UPLOADED');
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('hands its work on once the queue takes it, once or twice', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    meetComplete(world, { kind: 'latency', ms: 900 });
    meet(world.servers.proxies.sqs, anyTrouble(random), { times: 1 + random.below(4) });
    const { line } = await world.ask('POST', path(begun, 'finalize'));
    expect(line).toMatch(/^(202|503 upstream_unavailable)$/);
    if (random.chance(0.5)) await world.converge(random);
    expect(await finalize(world, begun)).toBe('200');
    return begun;
  });

  story('keeps the worker at it until S3 and the table answer again', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    meetComplete(world, { kind: 'latency', ms: 900 });
    expect((await world.ask('POST', path(begun, 'finalize'))).line).toBe('202');
    for (const proxy of [world.servers.proxies.s3, world.servers.proxies.dynamodb]) {
      meet(proxy, anyTrouble(random), { times: random.below(12) });
    }
    await world.runWorker(world.faulty);
    await world.converge(random);
    expect((await recordOf(world, begun.upload))?.state).toBe('UPLOADED');
    return begun;
  });

  story('never leaves an abort half done', async (world, random, seed) => {
    const begun = await sent(world, random, seed);
    const skip = random.below(5);
    let count = 0;
    world.servers.proxies.s3.rule = () => {
      count += 1;
      return count > skip && count <= skip + 3
        ? random.pick<Fault>([{ kind: 'drop-answer' }, { kind: 'reset' }])
        : undefined;
    };
    expect(await abort(world, begun)).toBe('204');
    return { ...begun, ends: ['ABORTED'] };
  });
});

describe('events', () => {
  story('that the recorder cannot record come again: one transition', async (world, random, seed) => {
    const kind = random.pick(['put', 'form'] as const);
    const content = random.bytes(10);
    const upload = world.grant({ kind, size: 10, seed: `${seed} ${random.below(1e9)}` });
    const send = kind === 'put' ? sendPut : sendForm;
    expect(await send(world, upload, content)).toMatch(/^20[01]$/);
    if (kind === 'form') expect(await send(world, upload, content)).toBe('201');
    for (const proxy of [world.servers.proxies.s3, world.servers.proxies.dynamodb]) {
      meet(proxy, anyTrouble(random), { times: random.below(8) });
    }
    await world.recordEvents(random, world.faulty);
    if (random.chance(0.5)) await world.recordEvents(random, world.faulty);
    await world.converge(random);
    return { upload, content, ends: ['RECEIVED'] };
  });

  story('before finalize, after it, twice or never: one transition', async (world, random, seed) => {
    const content = random.bytes(10);
    const upload = world.grant({ size: 10, seed: `${seed} ${random.below(1e9)}` });
    expect(await sendPut(world, upload, content)).toBe('200');
    const when = random.pick(['before', 'after', 'never']);
    if (when === 'before') await world.converge(random);
    if (when === 'never') await world.loseEvents();
    expect(await finalize(world, { upload })).toBe('200');
    return { upload, content };
  });

  story('of a deletion that overtakes the creation: deleted stays deleted', async (world, random, seed) => {
    const content = random.bytes(10);
    const upload = world.grant({ size: 10, seed: `${seed} ${random.below(1e9)}` });
    expect(await sendPut(world, upload, content)).toBe('200');
    const finalized = random.chance(0.5);
    if (finalized) expect(await finalize(world, { upload })).toBe('200');
    const Key = objectKey(upload.subject);
    await world.servers.clients.direct.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    world.told.length = 0;
    await world.converge(random);
    return { upload, content, ends: ['DELETED'] };
  });

  story(
    'of a deletion by its caller: no link any more; one that is out keeps its time',
    async (world, random, seed) => {
      const content = random.bytes(10);
      const upload = world.grant({ size: 10, seed: `${seed} ${random.below(1e9)}` });
      const { id } = upload.subject;
      expect(await sendPut(world, upload, content)).toBe('200');
      expect(await finalize(world, { upload })).toBe('200');
      const before = (await world.ask('GET', `${id}?ttl=60`)).body as UploadRecordWithDownload;
      expect((await world.ask('DELETE', id)).line).toBe('204');
      world.told.length = 0;
      expect((await world.ask('GET', id)).body).toMatchObject({ state: 'DELETED', download: null });
      const link = await fetch(before.download?.url ?? '');
      expect(content.equals(Buffer.from(await link.arrayBuffer()))).toBe(true);
      return { upload, content, ends: ['DELETED'] };
    },
  );

  story('of bytes that were not granted: never UPLOADED', async (world, random, seed) => {
    const content = random.bytes(10);
    const upload = world.grant({ size: 10, seed: `${seed} ${random.below(1e9)}` });
    expect(await sendPut(world, upload, content, { headers: { 'content-encoding': 'gzip' } })).toBe('200');
    if (random.chance(0.5)) await world.converge(random);
    expect(await finalize(world, { upload })).toBe('422 upload_rejected');
    return { upload, content, ends: ['REJECTED'] };
  });
});
