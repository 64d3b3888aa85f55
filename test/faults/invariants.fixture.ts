import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { objectKey } from '../../core/objects/object-key.ts';
import type { StoredRecord } from '../../origin/record/record.ts';
import type { TestUpload } from '../../origin/testing/subjects.ts';
import type { Random } from './random.fixture.ts';
import { BUCKET } from './servers.fixture.ts';
import type { Told, World } from './world.fixture.ts';

/** Every answer of ours comes within this time, in milliseconds; the requests of these tests have less than half of it. */
const ANSWER_MAX_MS = 2_000;

const options = () => ({ signal: AbortSignal.timeout(5_000) });

export const recordOf = (world: World, { subject }: TestUpload): Promise<StoredRecord | null> =>
  world.truth.store.get(subject.ownerKey, subject.id, options());

/** Versions of an upload's object, delete markers not among them. */
export const versionsOf = async ({ servers }: World, { subject }: TestUpload): Promise<string[]> => {
  const Prefix = objectKey(subject);
  const { Versions = [] } = await servers.clients.direct.send(
    new ListObjectVersionsCommand({ Bucket: BUCKET, Prefix }),
  );
  return Versions.map(({ VersionId = 'null' }) => VersionId);
};

const bytesOf = async ({ servers }: World, { subject }: TestUpload, VersionId: string): Promise<Buffer> => {
  const command = new GetObjectCommand({ Bucket: BUCKET, Key: objectKey(subject), VersionId });
  const { Body } = await servers.clients.direct.send(command);
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

const PATIENCE_TURNS = 300;

/** Calls until the answer is neither 202 nor 503, as clients do; the time between is only let pass. */
export const askUntilSettled = async (world: World, method: string, path: string, json?: unknown): Promise<Told> => {
  for (let turn = 0; turn < PATIENCE_TURNS; turn += 1) {
    const told = await world.ask(method, path, json);
    if (!/^202|^503/.test(told.line)) return told;
    world.clock.now += 1_000;
  }
  throw new Error(`${method} ${path} was never settled`);
};

/** The status and code of the answer that settles it. */
export const persist = async (world: World, method: string, path: string, json?: unknown): Promise<string> =>
  (await askUntilSettled(world, method, path, json)).line;

/** Faults stop: what was on its way arrives, the recorder hears everything, the worker does its work. */
export const converge = async (world: World, random: Random): Promise<void> => {
  await world.servers.calm();
  await world.runWorker();
  // What the recorder removes tells of itself.
  while (world.servers.hasEvents()) {
    await world.recordEvents(random);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

/** How an upload is expected to have ended, and what of it must be told from the outside. */
export type Story = {
  /** State of the record; several where a race may end either way. `none`: no record. */
  readonly ends: readonly string[];
  /** Everything that was sent as the content; an UPLOADED one holds exactly this. */
  readonly content: Buffer;
};

const isForeignAlike = async (world: World, { subject }: TestUpload): Promise<void> => {
  const stranger = world.tokenNow({ sub: 'a stranger' });
  const unknown = world.grant({ seed: `unknown ${subject.id}`, ownerKey: 'a'.repeat(32) }).subject.id;
  const [foreign, never] = [
    await world.ask('GET', subject.id, undefined, stranger),
    await world.ask('GET', unknown, undefined, stranger),
  ];
  const strip = ({ line, body }: typeof foreign) => ({ line, body: { ...(body as object), requestId: '' } });
  expect(strip(foreign), 'I7: a foreign id answers as an unknown one').toEqual(strip(never));
  expect(foreign.line).toBe('404 upload_not_found');
};

/** Every invariant of an upload, whatever happened to it, once faults have stopped. Converges first. */
export const checkInvariants = async (
  world: World,
  random: Random,
  upload: TestUpload,
  { ends, content }: Story,
): Promise<void> => {
  const toldDone = world.told.some(({ line, body }) => line === '200' && isUploaded(body, upload));
  await converge(world, random);
  const record = await recordOf(world, upload);
  const versions = await versionsOf(world, upload);
  const open = await world.truth.parts.listUploads(upload.subject, options());
  const state = record?.state ?? 'none';
  expect(ends, `I6: it ended ${state}`).toContain(state);
  if (toldDone) expect(state, 'I1: what was told to be done stays done').toBe('UPLOADED');
  if (record?.state === 'UPLOADED') {
    const { versionId } = record.pin;
    const seen = await world.truth.objects.head(upload.subject, versionId, options());
    expect(seen, 'I3: HEAD shows what was granted').toMatchObject({ found: true, rejected: null });
    expect(versions, 'I5: there is one object').toEqual([versionId]);
    expect(content.equals(await bytesOf(world, upload, versionId)), 'I1: the bytes are those that were sent').toBe(
      true,
    );
    expect(open, 'I6: nothing is left to be paid for').toEqual([]);
  }
  if (record?.state === 'ABORTED') {
    expect(versions, 'I4: aborted means without object').toEqual([]);
    expect(open, 'I6: nothing is left to be paid for').toEqual([]);
  }
  if (state === 'none' || state === 'CREATED') expect(versions, 'I4: an object is never overlooked').toEqual([]);
  const history = record !== null && 'history' in record ? record.history.map((entry) => entry.state) : [];
  for (const once of ['UPLOADED', 'ABORTED', 'REJECTED']) {
    const times = history.filter((entry) => entry === once).length;
    expect(times, `I5: it became ${once} at most once`).toBeLessThanOrEqual(1);
  }
  const anonymous = await fetch(`${world.servers.s3Url}/${BUCKET}/${objectKey(upload.subject)}`);
  await anonymous.arrayBuffer();
  expect(anonymous.status, 'I2: nobody reads without a signature').toBe(403);
  await isForeignAlike(world, upload);
  const slowest = Math.max(0, ...world.told.map(({ ms }) => ms));
  expect(slowest, 'I8: every answer came in time').toBeLessThan(ANSWER_MAX_MS);
};

const isUploaded = (body: unknown, { subject }: TestUpload): boolean =>
  typeof body === 'object' &&
  body !== null &&
  Reflect.get(body, 'id') === subject.id &&
  Reflect.get(body, 'state') === 'UPLOADED';
