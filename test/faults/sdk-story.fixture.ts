import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Client } from '../../client/client.ts';
import type { UploadSource } from '../../client/source.ts';
import type { UploadOptions } from '../../client/upload.ts';
import type { UploadRecord } from '../../core/contract/records.ts';
import type { Random } from '../support/random.ts';
import { type Cloud, createPerson, openCloud, type Person } from './cloud.fixture.ts';
import { checkInvariants, recordOf } from './invariants.fixture.ts';
import { seedsTimeoutMs, withSeeds } from './seeds.fixture.ts';

/** Bytes of a part that is not the last; S3 takes no smaller ones. */
const PART = 5_242_880;

/** Every way the SDK brings bytes to S3. */
const WAYS = {
  put: () => ({ method: 'put' }),
  'put with its SHA-256': (content) => ({
    method: 'put',
    sha256: createHash('sha256').update(content).digest('hex'),
  }),
  form: () => ({ method: 'form' }),
  parts: () => ({ method: 'multipart', partSize: PART }),
  'parts with SHA-256': () => ({ method: 'multipart', partSize: PART, partChecksum: 'sha256' }),
} as const satisfies Readonly<Record<string, (content: Buffer) => UploadOptions>>;

type Way = keyof typeof WAYS;
const WAY_NAMES = Object.keys(WAYS) as Way[];
export const isInParts = (way: Way): boolean => way.startsWith('parts');

const CHUNK = 65_536;

/** A file in memory. */
export const sourceOf = (content: Buffer): UploadSource => ({
  name: 'bytes.bin',
  size: content.length,
  type: 'application/octet-stream',
  open: async function* (start = 0, end = content.length) {
    for (let at = start; at < end; at += CHUNK) yield content.subarray(at, Math.min(end, at + CHUNK));
  },
  fingerprint: async () => createHash('sha256').update(content).digest('hex'),
});

/** A few random bytes; in parts at times two parts of them. */
const contentFor = (way: Way, random: Random): Buffer => {
  const tail = random.bytes(300 + random.below(3_000));
  if (!isInParts(way) || random.chance(0.5)) return tail;
  return Buffer.concat([Buffer.alloc(PART, random.bytes(1_009)), tail]);
};

/** One upload of one person, that something is about to happen to. */
export type Try = {
  readonly cloud: Cloud;
  readonly person: Person;
  readonly random: Random;
  readonly way: Way;
  readonly content: Buffer;
  readonly options: UploadOptions;
  readonly client: Client;
};

export type Outcome = {
  /** How `upload()` ended: with a record, or with an error. */
  readonly record?: UploadRecord;
  readonly error?: unknown;
  /** It may have been done although its client knows nothing of it. */
  readonly mayBeDone?: boolean;
};

/** Calls `upload()`; an error is an outcome too. */
export const upload = async (one: Try, client = one.client, more: UploadOptions = {}): Promise<Outcome> => {
  const { person, content, options } = one;
  const onCreated = ({ id }: { id: string }) => void person.ids.push(id);
  try {
    return { record: await client.upload(sourceOf(content), { ...options, onCreated, ...more }) };
  } catch (error) {
    return { error };
  }
};

/** An upload that nothing may have kept from its end. */
export const succeeded = (outcome: Outcome): Outcome => {
  if (outcome.error !== undefined) throw outcome.error;
  return outcome;
};

/** States of an upload that was not the one that succeeded. */
const UNFINISHED = ['none', 'CREATED', 'COMPLETING', 'RECEIVED', 'ABORTED'];

/** Checks every invariant of every upload this person was given, and that no bytes lie about that no record tells of. */
const checkAll = async ({ person, random, content }: Try, outcome: Outcome): Promise<void> => {
  const done = outcome.record?.id;
  if (done !== undefined) expect(outcome.record).toMatchObject({ state: 'UPLOADED', size: content.length });
  const others = outcome.mayBeDone ? [...UNFINISHED, 'UPLOADED'] : UNFINISHED;
  let recorded = 0;
  for (const id of new Set(done === undefined ? person.ids : [...person.ids, done])) {
    const upload = { subject: person.subjectOf(id) };
    const scene = person.sceneOf(id);
    await checkInvariants(scene, random, upload, { ends: id === done ? ['UPLOADED'] : others, content });
    if (/RECEIVED|UPLOADED/.test((await recordOf(scene, upload))?.state ?? '')) recorded += 1;
  }
  expect(await person.objects(), 'objects that no record tells of').toBe(recorded);
};

export type TellOne = (one: Try) => Promise<Outcome>;

/** The platform for all tests of a file. Each story is told for many seeds, every one with the next way, then every invariant is checked. */
export const createSdkStories = () => {
  let open: Cloud | undefined;
  beforeAll(async () => {
    open = await openCloud(inject('platform'));
  });
  afterAll(() => open?.close());

  const tellOne = async (cloud: Cloud, way: Way, random: Random, tell: TellOne): Promise<void> => {
    const person = await createPerson(cloud, random);
    const content = contentFor(way, random);
    const one: Try = { cloud, person, random, way, content, options: WAYS[way](content), client: person.client() };
    try {
      await checkAll(one, await tell(one));
    } catch (error) {
      if (error instanceof Error) error.message = `${way}: ${error.message}`;
      throw error;
    } finally {
      await cloud.calm();
      person.close();
    }
  };
  return (name: string, tell: TellOne): void => {
    it(name, { timeout: seedsTimeoutMs() }, async () => {
      const cloud = open;
      if (cloud === undefined) throw new Error('no platform runs');
      await withSeeds(name, async (random, seed) => {
        const way = WAY_NAMES[seed % WAY_NAMES.length] ?? 'put';
        await tellOne(cloud, way, random, tell);
      });
    });
  };
};
