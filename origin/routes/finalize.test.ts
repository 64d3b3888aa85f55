import { beforeEach, describe, expect, it } from 'vitest';
import type { UploadRecord } from '../../core/contract/records.ts';
import { transition } from '../record/transition.ts';
import { type ApiWorld, createApiWorld } from '../testing/api-world.ts';
import { problemLine, readProblem } from '../testing/expect-problem.ts';
import type { TestUpload } from '../testing/subjects.ts';

const SHA_HEX = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const SHA_BASE64 = 'n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=';

let world: ApiWorld;
let upload: TestUpload;

beforeEach(() => {
  world = createApiWorld();
  upload = world.grant();
});

const finalize = (json?: unknown, id = upload.subject.id) =>
  world.ask('POST', `/v1/uploads/${id}/finalize`, json === undefined ? {} : { json });

const put = (change: Partial<TestUpload['head']> = {}) =>
  world.objects.put(upload.subject, { ...upload.head, ...change });

describe('finalize of a PUT', () => {
  it('records what one HEAD proves, without any event before it', async () => {
    put();
    const response = await finalize();
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: upload.subject.id,
      kind: 'put',
      state: 'UPLOADED',
      region: 'euw1',
      name: 'photo.png',
      size: 4,
      type: 'image/png',
      sha256: null,
      checksums: { crc64nvme: 'AAAAAAAAAAA=' },
      etag: '"e1"',
      versionId: 'v1',
      metadata: { album: 'summer' },
      issuer: 'acme',
      tenant: 't1',
      subject: 'user',
      createdAt: '2026-11-20T12:00:00.000Z',
      receivedAt: '2026-11-20T12:00:05.000Z',
      uploadedAt: '2026-11-21T00:00:00.000Z',
      deletedAt: null,
      expiresAt: '2026-11-27T12:00:00.000Z',
      rejected: null,
    } satisfies UploadRecord);
    expect(world.objects.calls).toEqual(['head latest']);
  });

  it('answers the same a second and a hundredth time', async () => {
    put();
    const first = await (await finalize()).text();
    world.clock.now += 60_000;
    for (let time = 0; time < 3; time += 1) expect(await (await finalize()).text()).toBe(first);
    expect(world.objects.calls).toEqual(['head latest']);
  });

  it('answers twenty calls at once alike, and records once', async () => {
    put();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => (await finalize()).text()));
    expect(new Set(answers).size).toBe(1);
    expect(world.store.all()).toMatchObject([{ state: 'UPLOADED', version: 1, history: [{ state: 'UPLOADED' }] }]);
  });

  it('names the very version an event has seen, although a newer one lies over it', async () => {
    put();
    const told = transition(null, {
      type: 'head',
      of: upload.subject,
      at: '2026-11-20T12:00:06.000Z',
      asked: 'v1',
      sequencer: '01',
      seen: await world.objects.head(upload.subject, 'v1', { signal: AbortSignal.timeout(1_000) }),
      final: false,
      finalizer: null,
    });
    if (told.record !== null) await world.store.put(told.record, { signal: AbortSignal.timeout(1_000) });
    put({ versionId: 'v2' });
    world.objects.calls.length = 0;
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', versionId: 'v1', subject: 'user' });
    expect(world.objects.calls).toEqual(['head v1']);
  });

  it('takes no bytes and a size of 0', async () => {
    upload = world.grant({ size: 0 });
    put();
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', size: 0 });
  });

  it('takes an empty JSON object for no claims', async () => {
    put();
    expect((await finalize({})).status).toBe(200);
  });

  it('is 409 bytes_missing while nothing came, and writes nothing', async () => {
    expect(await problemLine(await finalize())).toBe('409 bytes_missing');
    expect(world.store.all()).toEqual([]);
  });

  it('is 410 upload_expired when nothing came within seven days', async () => {
    const created = transition(null, {
      type: 'created',
      of: upload.subject,
      at: upload.createdAt,
      grant: upload.grant,
      creator: { tenant: 't1', subject: 'user' },
      createdAt: upload.createdAt,
      uploadId: null,
    }).record;
    if (created !== null) await world.store.put(created, { signal: AbortSignal.timeout(1_000) });
    world.clock.now = Date.parse('2026-11-27T12:00:00.000Z');
    expect(await problemLine(await finalize(undefined))).toBe('401 token_expired');
    const token = world.tokenWith({ iat: 1_795_780_000, exp: 1_795_783_600 });
    const later = () => world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, { token });
    expect(await problemLine(await later())).toBe('409 bytes_missing');
    world.clock.now += 1;
    expect(await problemLine(await later())).toBe('410 upload_expired');
    put({ lastModifiedMs: world.clock.now });
    expect(await problemLine(await later())).toBe('410 upload_expired');
    expect(world.objects.versions(upload.subject)).toEqual([]);
    put({ lastModifiedMs: Date.parse('2026-11-27T11:59:59.000Z') });
    expect((await later()).status).toBe(200);
  });

  it.each([
    ['size', { contentLength: 5 }],
    ['type', { contentType: 'text/html' }],
    ['headers', { contentEncoding: 'gzip' }],
    ['headers', { cacheControl: 'public' }],
    ['grant', { metadata: {} }],
  ] as const)('is 422 upload_rejected, now and ever after, for a wrong %s (%o)', async (code, change) => {
    put(change);
    const first = await readProblem(await finalize());
    expect(`${first.status} ${first.code}`).toBe('422 upload_rejected');
    expect(world.store.all()).toMatchObject([{ state: 'REJECTED', rejected: { code } }]);
    const second = await readProblem(await finalize());
    expect(second.detail).toBe(first.detail);
    // The rejected bytes guard their key: a second PUT of the same URL still fails.
    expect(world.objects.versions(upload.subject)).toEqual(['v1']);
  });

  it('is 422 when another SHA-256 than the declared one is stored', async () => {
    upload = world.grant({ sha256: SHA_HEX });
    put({ checksums: { sha256: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=' } });
    expect(await problemLine(await finalize())).toBe('422 upload_rejected');
  });
});

describe("finalize's claims", () => {
  it('are compared with what S3 holds', async () => {
    put({ checksums: { sha256: SHA_BASE64 } });
    expect((await finalize({ checksum: { sha256: SHA_HEX } })).status).toBe(200);
  });

  it('that differ are 409 content_mismatch, and the upload stays as it was', async () => {
    put();
    expect(await problemLine(await finalize({ checksum: { crc64nvme: 'AAAAAAAAAAE=' } }))).toBe('409 content_mismatch');
    expect(world.store.all()).toEqual([]);
    expect((await finalize({ checksum: { crc64nvme: 'AAAAAAAAAAA=' } })).status).toBe(200);
    expect(await problemLine(await finalize({ checksum: { crc64nvme: 'AAAAAAAAAAE=' } }))).toBe('409 content_mismatch');
  });

  it('of a kind S3 holds no value for are 400, naming the one it has', async () => {
    put();
    const problem = await readProblem(await finalize({ checksum: { sha256: SHA_HEX } }));
    expect(problem).toMatchObject({
      code: 'request_invalid',
      errors: [{ path: '/checksum/sha256', message: 'cannot be compared: S3 holds crc64nvme for this object' }],
    });
    expect(world.store.all()).toEqual([]);
  });

  it.each([
    ['/uploadId', { uploadId: 'abc' }],
    ['/parts', { parts: [] }],
    ['/size', { size: 4 }],
    ['/checksum/sha256', { checksum: { sha256: 'ABC' } }],
  ])('that do not belong to a PUT are 400 request_invalid: %s', async (path, json) => {
    put();
    const problem = await readProblem(await finalize(json));
    expect(`${problem.status} ${problem.code}`).toBe('400 request_invalid');
    expect(problem.errors?.[0]?.path).toBe(path);
    expect(world.store.all()).toEqual([]);
  });

  it.each([
    ['400 body_not_json', { body: '{', headers: { 'content-type': 'application/json' } }],
    ['400 body_not_json', { body: new Uint8Array([123, 255, 125]), headers: { 'content-type': 'application/json' } }],
    ['400 request_invalid', { body: '[]', headers: { 'content-type': 'application/json' } }],
    ['415 media_type', { body: '{}', headers: { 'content-type': 'text/plain' } }],
    ['413 body_too_large', { body: ' '.repeat(2_097_153), headers: { 'content-type': 'application/json' } }],
  ])('%s for a body that cannot be read', async (line, how) => {
    put();
    expect(await problemLine(await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, how))).toBe(line);
    expect(world.store.all()).toEqual([]);
  });

  it('of two megabytes are still read', async () => {
    put();
    const how = { body: `{}${' '.repeat(2_097_150)}`, headers: { 'content-type': 'application/json; charset=utf-8' } };
    expect((await world.ask('POST', `/v1/uploads/${upload.subject.id}/finalize`, how)).status).toBe(200);
  });
});

describe('finalize of a form', () => {
  beforeEach(() => {
    upload = world.grant({ kind: 'form' });
  });

  it('pins the version it saw', async () => {
    put();
    expect(await (await finalize()).json()).toMatchObject({ kind: 'form', state: 'UPLOADED', versionId: 'v1' });
  });

  it('goes on naming that version when the form is sent again, which makes a newer one', async () => {
    put();
    const first = await (await finalize()).text();
    put({ versionId: 'v2' });
    expect(await (await finalize()).text()).toBe(first);
    const told = await tell('v2');
    expect(told.effects).toEqual([{ type: 'deleteVersion', versionId: 'v2' }]);
  });

  it('takes one of two when the form was sent twice before, and the other goes', async () => {
    put();
    put({ versionId: 'v2' });
    expect(await (await finalize()).json()).toMatchObject({ state: 'UPLOADED', versionId: 'v2' });
    expect((await tell('v1')).effects).toEqual([{ type: 'deleteVersion', versionId: 'v1' }]);
    expect((await tell('v2')).effects).toEqual([]);
  });

  const tell = async (versionId: string) => {
    const signal = AbortSignal.timeout(1_000);
    const record = await world.store.get(world.owner, upload.subject.id, { signal });
    const at = '2026-11-21T00:00:00.000Z';
    return transition(record, { type: 'objectCreated', of: upload.subject, at, versionId, sequencer: '01' });
  };
});
