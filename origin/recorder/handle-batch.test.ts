import { beforeEach, describe, expect, it } from 'vitest';
import { objectKey } from '../../core/objects/object-key.ts';
import { transition } from '../record/transition.ts';
import { grantUpload } from '../testing/subjects.ts';
import { BUCKET, createRecorderWorld, type Handle, NOW, SIGNAL, tellAll } from './recorder.fixture.ts';

let { store, objects, upload, handlerOver, createdEvent, s3Event, put, record, finalizeHere } = createRecorderWorld();
let handle: Handle;

beforeEach(() => {
  ({ store, objects, upload, handlerOver, createdEvent, s3Event, put, record, finalizeHere } = createRecorderWorld());
  handle = handlerOver({});
});

const tell = (...bodies: readonly unknown[]): Promise<string[]> => tellAll(handle, bodies);

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
