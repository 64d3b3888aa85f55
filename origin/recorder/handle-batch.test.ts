import { beforeEach, describe, expect, it } from 'vitest';
import type { CreatedEvent } from '../../core/contract/events.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import type { StoredRecord } from '../record/record.ts';
import { transition } from '../record/transition.ts';
import type { RecordStore } from '../store/record-store.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createMemoryObjects, type MemoryObjects } from '../testing/memory-objects.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { grantUpload, type TestUpload } from '../testing/subjects.ts';
import { type BatchAnswer, type BatchDeps, createBatchHandler } from './handle-batch.ts';

const NOW = '2026-11-20T12:10:00.000Z';
const BUCKET = 'nearput-local-000000000000-eu-west-1';
const SIGNAL = { signal: new AbortController().signal };

let store: ReturnType<typeof createMemoryStore>;
let objects: MemoryObjects;
let upload: TestUpload;
let handle: (event: { Records: { messageId: string; body: string }[] }) => Promise<BatchAnswer>;

beforeEach(() => {
  store = createMemoryStore();
  objects = createMemoryObjects();
  upload = grantUpload();
  handle = handlerOver({});
});

const handlerOver = (change: Partial<BatchDeps>) =>
  createBatchHandler({
    store,
    objects,
    now: () => Date.parse(NOW),
    region: 'euw1',
    bucket: BUCKET,
    telemetry: SILENT,
    messageMs: 1_000,
    ...change,
  });

const createdEvent = (of: TestUpload = upload, change: Partial<CreatedEvent> = {}): CreatedEvent => ({
  v: 1,
  type: 'upload.created',
  id: of.subject.id,
  key: objectKey(of.subject),
  ownerKey: of.subject.ownerKey,
  issuer: 'acme',
  tenant: 't1',
  subject: 'user',
  kind: 'put',
  name: of.grant.name,
  size: of.subject.upload.size,
  contentType: of.grant.type,
  sha256: null,
  metadata: of.grant.metadata,
  uploadId: null,
  createdAt: of.createdAt,
  expiresAt: '2026-11-27T12:00:00.000Z',
  requestId: 'request-0001',
  ...change,
});

const s3Event = (name: string, versionId: string, sequencer: string, of: TestUpload = upload, bucket = BUCKET) => ({
  Records: [
    {
      eventVersion: '2.1',
      eventSource: 'aws:s3',
      awsRegion: 'eu-west-1',
      eventTime: '2026-11-20T12:09:59.000Z',
      eventName: name,
      s3: {
        bucket: { name: bucket },
        object: { key: encodeURIComponent(objectKey(of.subject)), size: 4, eTag: 'e1', versionId, sequencer },
      },
    },
  ],
});

const put = (versionId = 'v1', sequencer = '01') => s3Event('ObjectCreated:Put', versionId, sequencer);

const tell = async (...bodies: readonly unknown[]): Promise<string[]> => {
  const Records = bodies.map((body, index) => ({
    messageId: `m${index}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }));
  return (await handle({ Records })).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const record = (of: TestUpload = upload): Promise<StoredRecord | null> =>
  store.get(of.subject.ownerKey, of.subject.id, SIGNAL);

const finalizeHere = async (): Promise<void> => {
  const seen = await objects.head(upload.subject, null, SIGNAL);
  const held = await record();
  const fact = { type: 'head', of: upload.subject, at: NOW, asked: null, sequencer: null, seen, final: true } as const;
  const next = transition(held, { ...fact, finalizer: null }).record;
  if (next !== null && next !== held) await store.put(next, SIGNAL);
};

describe('the recorder', () => {
  it('records what the gate granted', async () => {
    expect(await tell(createdEvent())).toEqual([]);
    expect(await record()).toMatchObject({
      state: 'CREATED',
      issuer: 'acme',
      grant: upload.grant,
      creator: { tenant: 't1', subject: 'user' },
      createdAt: upload.createdAt,
    });
  });

  it('records bytes as RECEIVED once HEAD showed them, issuer from the key, creator unknown', async () => {
    objects.put(upload.subject, upload.head);
    expect(await tell(put())).toEqual([]);
    expect(await record()).toMatchObject({
      state: 'RECEIVED',
      issuer: 'acme',
      creator: null,
      pin: { versionId: 'v1' },
    });
    expect(objects.calls).toEqual(['head v1']);
  });

  it('believes HEAD and not the event: no object, no record', async () => {
    expect(await tell(put())).toEqual([]);
    expect(await record()).toBeNull();
  });

  it('rejects what is not what was granted', async () => {
    objects.put(upload.subject, { ...upload.head, contentEncoding: 'gzip' });
    await tell(put());
    expect(await record()).toMatchObject({ state: 'REJECTED', rejected: { code: 'headers' } });
    expect(objects.versions(upload.subject)).toEqual(['v1']);
  });

  it('records a doubled event once', async () => {
    objects.put(upload.subject, upload.head);
    await tell(put(), put());
    await tell(put());
    const held = await record();
    expect(held).toMatchObject({ state: 'RECEIVED', version: 1 });
    expect(held !== null && 'history' in held && held.history).toHaveLength(1);
  });

  it.each([
    ['created first', true],
    ['S3 first', false],
  ])('ends the same whatever comes first: %s', async (_name, createdFirst) => {
    objects.put(upload.subject, upload.head);
    const events = createdFirst ? [createdEvent(), put()] : [put(), createdEvent()];
    for (const event of events) await tell(event);
    expect(await record()).toMatchObject({ state: 'RECEIVED', creator: { subject: 'user' }, pin: { versionId: 'v1' } });
  });

  it('does not touch what finalize recorded', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    await tell(put(), createdEvent());
    expect(await record()).toMatchObject({ state: 'UPLOADED', creator: { subject: 'user' } });
    expect(objects.versions(upload.subject)).toEqual(['v1']);
  });

  it('removes a newer version of a pinned key and keeps the pinned one', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    objects.put(upload.subject, { ...upload.head, versionId: 'v2' });
    await tell(put('v2', '02'));
    expect(objects.versions(upload.subject)).toEqual(['v1']);
    expect(await record()).toMatchObject({ state: 'UPLOADED', pin: { versionId: 'v1' } });
  });

  it('removes bytes that come after an abort', async () => {
    const aborted = transition(null, { type: 'abort', of: upload.subject, at: NOW }).record;
    if (aborted !== null) await store.put(aborted, SIGNAL);
    objects.put(upload.subject, upload.head);
    await tell(put());
    expect(objects.versions(upload.subject)).toEqual([]);
    expect(await record()).toMatchObject({ state: 'ABORTED' });
  });

  it('keeps a deleted upload deleted, and its object restorable, when its creation is heard of late', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    const held = await record();
    const deleted = transition(held, { type: 'delete', of: upload.subject, at: NOW }).record;
    if (deleted !== null) await store.put(deleted, SIGNAL);
    await tell(put());
    expect(await record()).toMatchObject({ state: 'DELETED' });
    expect(objects.versions(upload.subject)).toEqual(['v1']);
  });

  it.each([
    ['in order', false],
    ['overtaken', true],
  ])('ends DELETED when a delete marker came over the object: %s', async (_name, overtaken) => {
    const events = [put(), s3Event('ObjectRemoved:DeleteMarkerCreated', 'm1', '02')];
    if (overtaken) events.reverse();
    objects.put(upload.subject, upload.head);
    objects.mark(upload.subject, 'm1');
    for (const event of events) await tell(event);
    expect(await record()).toMatchObject({ state: 'DELETED', pin: { versionId: 'v1' } });
    expect(objects.versions(upload.subject)).toEqual(['v1', 'm1']);
  });

  it('ends a record whose pinned version is gone', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    await objects.deleteVersion(upload.subject, 'v1', SIGNAL);
    await tell(s3Event('ObjectRemoved:Delete', 'v1', '02'));
    expect(await record()).toEqual({
      state: 'PURGED',
      id: upload.subject.id,
      ownerKey: upload.subject.ownerKey,
      version: 2,
    });
  });

  it('does not believe that the pinned version is gone while HEAD shows it', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    await tell(s3Event('ObjectRemoved:Delete', 'v1', '02'));
    expect(await record()).toMatchObject({ state: 'UPLOADED' });
  });

  describe('reads the records of a batch at once', () => {
    const others = [grantUpload({ seed: 'two' }), grantUpload({ seed: 'three' })] as const;
    const all = () => [createdEvent(), ...others.map((of) => createdEvent(of))];
    let reads: string[];

    const counting = (getMany: RecordStore['getMany']): RecordStore => ({
      ...store,
      get: (...input) => {
        reads.push('one');
        return store.get(...input);
      },
      getMany: (...input) => {
        reads.push(`many ${input[0].length}`);
        return getMany(...input);
      },
    });

    beforeEach(() => {
      reads = [];
    });

    it('and none again', async () => {
      handle = handlerOver({ store: counting(store.getMany) });
      expect(await tell('{', ...all())).toEqual(['m0']);
      expect(reads).toEqual(['many 3']);
      expect(store.all()).toHaveLength(3);
    });

    it('and one message by itself', async () => {
      handle = handlerOver({ store: counting(store.getMany) });
      expect(await tell(createdEvent())).toEqual([]);
      expect(reads).toEqual(['one']);
    });

    it.each([
      ['that fails', () => Promise.reject(new Error('slow down'))],
      ['that leaves all unanswered', () => Promise.resolve(new Map())],
    ])('or each alone after a read %s', async (_name, getMany) => {
      handle = handlerOver({ store: counting(getMany) });
      expect(await tell(...all())).toEqual([]);
      expect(reads).toEqual(['many 3', 'one', 'one', 'one']);
      expect(store.all()).toHaveLength(3);
    });

    it('and again what was finalized meanwhile', async () => {
      objects.put(upload.subject, upload.head);
      const getMany: RecordStore['getMany'] = async (...input) => {
        const found = await store.getMany(...input);
        await finalizeHere();
        return found;
      };
      handle = handlerOver({ store: counting(getMany) });
      expect(await tell(createdEvent(), put())).toEqual([]);
      expect(reads).toEqual(['many 2', 'one']);
      expect(await record()).toMatchObject({
        state: 'UPLOADED',
        creator: { subject: 'user' },
        pin: { versionId: 'v1' },
      });
    });
  });

  it('lets only a poison message fail, and records the others', async () => {
    const other = grantUpload({ seed: 'two' });
    const poison = [
      '{',
      '"text"',
      '{}',
      createdEvent(upload, { v: 2 as 1 }),
      createdEvent(upload, { name: 'another.png' }),
      createdEvent(upload, { key: objectKey(other.subject) }),
      createdEvent(grantUpload({ region: 'use1' })),
      s3Event('ObjectCreated:Put', 'v1', '01', upload, 'another-bucket'),
      { Records: [{ eventSource: 'aws:sns' }] },
    ];
    expect(await tell(...poison, createdEvent(other))).toEqual(poison.map((_, index) => `m${index}`));
    expect(store.all()).toMatchObject([{ id: other.subject.id }]);
  });

  it('takes what is nothing to record for done', async () => {
    const strange = s3Event('ObjectCreated:Put', 'v1', '01');
    const [first] = strange.Records;
    if (first !== undefined) first.s3.object.key = 'folder/some+file%C3%A9.txt';
    const test = { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: BUCKET };
    const other = s3Event('ObjectTagging:Put', 'v1', '01');
    expect(await tell(strange, test, other, { Records: [] })).toEqual([]);
    expect(store.all()).toEqual([]);
  });

  it('lets a message come again when S3 does not answer, and no other', async () => {
    const other = grantUpload({ seed: 'two' });
    const head = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'SlowDown' }));
    handle = handlerOver({ objects: { ...objects, head } });
    expect(await tell(put(), createdEvent(other))).toEqual(['m0']);
  });

  it('lets a message come again when S3 never answers, within the time of one message', async () => {
    const head = (_subject: unknown, _versionId: unknown, { signal }: { readonly signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    handle = handlerOver({ objects: { ...objects, head }, messageMs: 20 });
    expect(await tell(put())).toEqual(['m0']);
  });

  it('lets a message come again when the version it must remove is still there', async () => {
    objects.put(upload.subject, upload.head);
    await finalizeHere();
    objects.put(upload.subject, { ...upload.head, versionId: 'v2' });
    const deleteVersion = () => Promise.reject(new Error('no'));
    const failing = handlerOver({ objects: { ...objects, deleteVersion } });
    const event = { Records: [{ messageId: 'm0', body: JSON.stringify(put('v2', '02')) }] };
    expect((await failing(event)).batchItemFailures).toEqual([{ itemIdentifier: 'm0' }]);
    expect((await handle(event)).batchItemFailures).toEqual([]);
    expect(objects.versions(upload.subject)).toEqual(['v1']);
  });
});
