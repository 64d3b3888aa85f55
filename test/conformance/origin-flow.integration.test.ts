import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
// @ts-expect-error: the package has no types
import untyped from 'dynalite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectKey } from '../../core/objects/object-key.ts';
import { grantPut } from '../../core/objects/put-grant.ts';
import { s3Endpoint } from '../../core/objects/s3-endpoint.ts';
import { type S3, startS3 } from '../../local/s3/start.ts';
import { ADMIN, temporaryFolder, testOptions } from '../../local/s3/testing/platform.ts';
import { createS3Store } from '../../origin/objects/s3-store.ts';
import { createBatchHandler } from '../../origin/recorder/handle-batch.ts';
import { createDynamoStore } from '../../origin/store/dynamo-store.ts';
import type { RecordStore } from '../../origin/store/record-store.ts';
import { SILENT } from '../../origin/telemetry/telemetry.ts';
import { type ApiWorld, createApiWorld } from '../../origin/testing/api-world.ts';
import type { TestUpload } from '../../origin/testing/subjects.ts';
import { createTable } from '../../origin/testing/table.ts';

const BUCKET = 'bucket-eu';
const dynalite = untyped as (options: { readonly createTableMs: number }) => Server;
const credentials = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };

let s3: S3;
let table: Server;
let clients: readonly [S3Client, DynamoDBClient];
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let store: RecordStore;
let objects: ReturnType<typeof createS3Store>;
let world: ApiWorld;
let seeds = 0;

beforeAll(async () => {
  folder = await temporaryFolder();
  s3 = await startS3(testOptions(folder.path));
  table = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => table.listen(0, '127.0.0.1', resolve));
  const region = 'eu-west-1';
  const client = new S3Client({
    endpoint: s3.regions['euw1']?.url ?? '',
    region,
    credentials,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const endpoint = `http://127.0.0.1:${(table.address() as AddressInfo).port}`;
  const dynamodb = new DynamoDBClient({ endpoint, region, credentials });
  await createTable(dynamodb, 'records');
  clients = [client, dynamodb];
  store = createDynamoStore({ client: dynamodb, table: 'records' });
  objects = createS3Store({ client, bucket: BUCKET, now: Date.now });
  world = createApiWorld({ store, objects, cells: new Map([['euw1', store]]) });
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await new Promise<void>((resolve) => table.close(() => resolve()));
  await s3.close();
  await folder.remove();
});

const grant = (): TestUpload => {
  seeds += 1;
  return world.grant({ seed: `flow ${seeds}`, name: `Ünïcode ${seeds}.txt`, type: 'text/plain' });
};

/** Puts with Node's own fetch, as a client without any SDK would. */
const put = async ({ subject, grant: granted, createdAt }: TestUpload, more = {}): Promise<Response> => {
  const { url, headers } = grantPut({
    endpoint: s3Endpoint({ bucket: BUCKET, region: 'eu-west-1', endpoint: s3.regions['euw1']?.url }),
    region: 'eu-west-1',
    credentials,
    issuerId: subject.issuerId,
    ownerKey: subject.ownerKey,
    grant: { id: subject.id, size: subject.upload.size, createdAt, ...granted },
    now: Date.now(),
    expiresIn: 60,
  });
  return fetch(url, { method: 'PUT', headers: { ...headers, ...more }, body: 'test' });
};

const ask = (upload: TestUpload, method: string, rest: string) =>
  world.ask(method, `/v1/uploads/${upload.subject.id}${rest}`);

const s3Event = (upload: TestUpload, versionId: string) => ({
  messageId: 'm',
  body: JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        eventTime: '2026-11-21T00:00:00.000Z',
        eventName: 'ObjectCreated:Put',
        s3: { bucket: { name: BUCKET }, object: { key: objectKey(upload.subject), versionId, sequencer: '01' } },
      },
    ],
  }),
});

const recorder = () =>
  createBatchHandler({
    store,
    objects,
    now: Date.now,
    region: 'euw1',
    bucket: BUCKET,
    telemetry: SILENT,
    messageMs: 5_000,
  });

describe('the origin on a real S3 and a real table', () => {
  it('takes an upload from a granted PUT to its bytes again, with the recorder off', async () => {
    const upload = grant();
    expect((await put(upload)).status).toBe(200);
    expect(await (await ask(upload, 'POST', '/finalize')).json()).toMatchObject({ state: 'UPLOADED', size: 4 });
    const content = await ask(upload, 'GET', '/content');
    const bytes = await fetch(content.headers.get('location') ?? '');
    expect(await bytes.text()).toBe('test');
    expect(bytes.headers.get('content-disposition')).toContain(`filename*=UTF-8''%C3%9Cn%C3%AFcode%20${seeds}.txt`);
    const list = await (await world.ask('GET', '/v1/uploads')).json();
    expect(list).toMatchObject({ items: [{ id: upload.subject.id, state: 'UPLOADED' }], unavailable: [] });
  });

  it('rejects an ungranted header, and the rejected bytes keep guarding their key', async () => {
    const upload = grant();
    expect((await put(upload, { 'content-encoding': 'gzip' })).status).toBe(200);
    for (let time = 0; time < 2; time += 1) expect((await ask(upload, 'POST', '/finalize')).status).toBe(422);
    expect((await put(upload)).status).toBe(412);
  });

  it('gives one answer to everybody while finalizes, events and aborts come at once', async () => {
    for (let round = 0; round < 5; round += 1) {
      const upload = grant();
      const { headers } = await put(upload);
      const event = s3Event(upload, headers.get('x-amz-version-id') ?? '');
      const handle = recorder();
      const results = await Promise.all([
        ...Array.from({ length: 6 }, async () => (await ask(upload, 'POST', '/finalize')).json()),
        ...Array.from({ length: 3 }, async () => handle({ Records: [event, event] })),
        ...Array.from({ length: 3 }, async () => (await ask(upload, 'POST', '/abort')).status),
      ]);
      expect(new Set(results.slice(0, 6).map((result) => JSON.stringify(result))).size).toBe(1);
      expect(results[0]).toMatchObject({ state: 'UPLOADED' });
      expect(results.slice(9)).toEqual([409, 409, 409]);
      const record = await store.get(upload.subject.ownerKey, upload.subject.id, {
        signal: AbortSignal.timeout(1_000),
      });
      expect(record).toMatchObject({ state: 'UPLOADED' });
      const states = record !== null && 'history' in record ? record.history.map(({ state }) => state) : [];
      expect(states.filter((state) => state === 'UPLOADED')).toHaveLength(1);
      expect(await fetch((await ask(upload, 'GET', '/content')).headers.get('location') ?? '')).toMatchObject({
        status: 200,
      });
    }
  });

  it('ends a race of PUT, abort and finalize in one of the two, whole', async () => {
    for (let round = 0; round < 5; round += 1) {
      const upload = grant();
      const [stored] = await Promise.all([
        put(upload),
        ask(upload, 'POST', '/abort'),
        ask(upload, 'POST', '/finalize'),
      ]);
      const event = s3Event(upload, stored.headers.get('x-amz-version-id') ?? '');
      expect(await recorder()({ Records: [event] })).toEqual({ batchItemFailures: [] });
      const finalized = await ask(upload, 'POST', '/finalize');
      const seen = await objects.head(upload.subject, null, { signal: AbortSignal.timeout(1_000) });
      expect([finalized.status, seen.found]).toEqual(finalized.status === 200 ? [200, true] : [410, false]);
    }
  });
});
