import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { objectKey } from '../../core/objects/object-key.ts';
import type { StoredRecord } from '../../origin/record/record.ts';
import { grantUpload, type TestUpload } from '../../origin/testing/subjects.ts';
import type { Random } from '../support/random.ts';
import type { Scene } from './scene.fixture.ts';

/** Every answer of ours comes within this time, in milliseconds. */
const ANSWER_MAX_MS = 2_000;

type Upload = Pick<TestUpload, 'subject'>;

const options = () => ({ signal: AbortSignal.timeout(5_000) });

export const recordOf = ({ truth }: Pick<Scene, 'truth'>, { subject }: Upload): Promise<StoredRecord | null> =>
  truth.store.get(subject.ownerKey, subject.id, options());

/** Versions of an upload's object, delete markers not among them. */
const versionsOf = async ({ direct, bucket }: Scene, { subject }: Upload): Promise<string[]> => {
  const command = new ListObjectVersionsCommand({ Bucket: bucket, Prefix: objectKey(subject) });
  const { Versions = [] } = await direct.send(command);
  return Versions.map(({ VersionId = 'null' }) => VersionId);
};

const bytesOf = async ({ direct, bucket }: Scene, { subject }: Upload, VersionId: string): Promise<Buffer> => {
  const command = new GetObjectCommand({ Bucket: bucket, Key: objectKey(subject), VersionId });
  const { Body } = await direct.send(command);
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
};

/** Parts that nobody uses any more, and that somebody would pay for. */
const idleParts = async ({ truth }: Scene, { subject }: Upload): Promise<string[]> => {
  const open = await truth.parts.listUploads(subject, options());
  const held = await Promise.all(
    open.map(async ({ uploadId }) => (await truth.parts.listParts(subject, uploadId, 0, options()))?.parts ?? []),
  );
  return held.flat().map(({ number, size }) => `part ${number} of ${size} bytes`);
};

/** How an upload is expected to have ended. */
export type Story = {
  /** States of the record; several where a race may end either way. `none`: no record. */
  readonly ends: readonly string[];
  /** Everything that was sent as the content; an UPLOADED one holds exactly this. */
  readonly content: Buffer;
};

const isUploaded = (body: unknown, { subject }: Upload): boolean =>
  typeof body === 'object' &&
  body !== null &&
  Reflect.get(body, 'id') === subject.id &&
  Reflect.get(body, 'state') === 'UPLOADED';

/** Record and bucket, once everything that was under way is done. */
const checkEnd = async (scene: Scene, upload: Upload, { ends, content }: Story, toldDone: boolean): Promise<void> => {
  const record = await recordOf(scene, upload);
  const versions = await versionsOf(scene, upload);
  const idle = await idleParts(scene, upload);
  const state = record?.state ?? 'none';
  expect(ends, `I6: it ended ${state}`).toContain(state);
  if (toldDone) expect(state, 'I1: what was told to be done stays done').toBe('UPLOADED');
  if (record?.state === 'UPLOADED') {
    const { versionId } = record.pin;
    const seen = await scene.truth.objects.head(upload.subject, versionId, options());
    expect(seen, 'I3: HEAD shows what was granted').toMatchObject({ found: true, rejected: null });
    expect(versions, 'I5: there is one object').toEqual([versionId]);
    const stored = await bytesOf(scene, upload, versionId);
    expect(content.equals(stored), 'I1: the bytes are those that were sent').toBe(true);
    expect(idle, 'I6: nothing is left to be paid for').toEqual([]);
  }
  if (record?.state === 'RECEIVED') expect(versions, 'I5: there is one object').toEqual([record.pin.versionId]);
  if (record?.state === 'ABORTED') {
    expect(versions, 'I4: aborted means without object').toEqual([]);
    expect(idle, 'I6: nothing is left to be paid for').toEqual([]);
  }
  if (state === 'none' || state === 'CREATED') expect(versions, 'I4: an object is never overlooked').toEqual([]);
  const history = record !== null && 'history' in record ? record.history.map((entry) => entry.state) : [];
  for (const once of ['UPLOADED', 'ABORTED', 'REJECTED']) {
    const times = history.filter((entry) => entry === once).length;
    expect(times, `I5: it became ${once} at most once`).toBeLessThanOrEqual(1);
  }
};

/** Asks again until nothing is wrong any more; past the time it is. */
const eventually = async (check: () => Promise<void>, patienceMs: number): Promise<void> => {
  const end = performance.now() + patienceMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
};

const checkStrangers = async (scene: Scene, { subject }: Upload): Promise<void> => {
  const anonymous = await fetch(`${scene.s3Url}/${scene.bucket}/${objectKey(subject)}`);
  await anonymous.arrayBuffer();
  expect(anonymous.status, 'I2: nobody reads without a signature').toBe(403);
  const stranger = await scene.strangerToken();
  const { region } = subject.upload;
  const unknown = grantUpload({ seed: `unknown ${subject.id}`, ownerKey: 'a'.repeat(32), region }).subject.id;
  const foreign = await scene.ask('GET', subject.id, undefined, stranger);
  const never = await scene.ask('GET', unknown, undefined, stranger);
  const strip = ({ line, body }: typeof foreign) => ({ line, body: { ...(body as object), requestId: '' } });
  expect(strip(foreign), 'I7: a foreign id answers as an unknown one').toEqual(strip(never));
  expect(foreign.line).toBe('404 upload_not_found');
};

/** Every invariant of an upload, whatever happened to it. Faults stop first, and what was under way comes to its end. */
export const checkInvariants = async (scene: Scene, random: Random, upload: Upload, story: Story): Promise<void> => {
  const toldDone = scene.told.some(({ line, body }) => line === '200' && isUploaded(body, upload));
  await scene.converge(random);
  await eventually(() => checkEnd(scene, upload, story, toldDone), scene.patienceMs);
  await checkStrangers(scene, upload);
  const slowest = Math.max(0, ...scene.told.map(({ ms }) => ms));
  expect(slowest, 'I8: every answer came in time').toBeLessThan(ANSWER_MAX_MS);
};
