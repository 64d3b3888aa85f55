import type { CreatedEvent } from '../../core/contract/events.ts';
import { objectKey } from '../../core/objects/object-key.ts';
import type { StoredRecord } from '../record/record.ts';
import { transition } from '../record/transition.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createMemoryObjects } from '../testing/memory-objects.ts';
import { createMemoryStore } from '../testing/memory-store.ts';
import { grantUpload, type TestUpload } from '../testing/subjects.ts';
import { type BatchAnswer, type BatchDeps, createBatchHandler, type QueueEvent } from './handle-batch.ts';

export const NOW = '2026-11-20T12:10:00.000Z';
export const BUCKET = 'nearput-local-000000000000-eu-west-1';
export const SIGNAL = { signal: new AbortController().signal };

export type Handle = (event: QueueEvent) => Promise<BatchAnswer>;

/** Hands messages over as one batch, `m0` first; gives the ids of those that must come again. */
export const tellAll = async (handle: Handle, bodies: readonly unknown[]): Promise<string[]> => {
  const Records = bodies.map((body, index) => ({
    messageId: `m${index}`,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  }));
  return (await handle({ Records })).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

/** One cell in memory with one granted upload, and the events that may be heard of it. */
export const createRecorderWorld = () => {
  const store = createMemoryStore();
  const objects = createMemoryObjects();
  const upload = grantUpload();

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

  const record = (of: TestUpload = upload): Promise<StoredRecord | null> =>
    store.get(of.subject.ownerKey, of.subject.id, SIGNAL);

  const finalizeHere = async (): Promise<void> => {
    const seen = await objects.head(upload.subject, null, SIGNAL);
    const held = await record();
    const fact = {
      type: 'head',
      of: upload.subject,
      at: NOW,
      asked: null,
      sequencer: null,
      seen,
      final: true,
    } as const;
    const next = transition(held, { ...fact, finalizer: null }).record;
    if (next !== null && next !== held) await store.put(next, SIGNAL);
  };

  return { store, objects, upload, handlerOver, createdEvent, s3Event, put, record, finalizeHere };
};
