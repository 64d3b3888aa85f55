import { describe, expect, inject, it } from 'vitest';
import type { UploadPage, UploadRecord, UploadRecordWithDownload } from '../../core/contract/records.ts';
import {
  ask,
  callGateway,
  codeOf,
  create,
  finalize,
  mint,
  patiently,
  put,
  sha256Hex,
  someFile,
  until,
  uploadBytes,
} from '../support/gateway.ts';
import { inventId } from '../support/invent-id.ts';

import { signOwn } from '../support/own-issuer.ts';

const platform = inject('platform');
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const get = async (token: string, id: string) => callGateway(platform, 'GET', `/v1/uploads/${id}`, { token });

describe('one upload', () => {
  it('is granted, stored, proven, recorded and read back byte for byte', async () => {
    const token = await mint(platform, { sub: 'whole-way' });
    const file = someFile(70_000, { name: 'Grüße 日本 🎉.bin', metadata: { album: 'Ostsee', constructor: 'x' } });
    const { created, record } = await uploadBytes(platform, token, file);
    expect(created).toMatchObject({ kind: 'put', state: 'CREATED', region: 'euw1', regionReason: 'viewer-location' });
    expect(created.id).toMatch(/^euw1_[a-z2-7]{71}$/);
    expect(record).toEqual({
      id: created.id,
      kind: 'put',
      state: 'UPLOADED',
      region: 'euw1',
      name: 'Grüße 日本 🎉.bin',
      size: 70_000,
      type: 'application/octet-stream',
      sha256: null,
      checksums: { crc64nvme: expect.stringMatching(/^[A-Za-z0-9+/]{11}=$/) },
      etag: expect.any(String),
      versionId: expect.any(String),
      metadata: { album: 'Ostsee', constructor: 'x' },
      issuer: 'local',
      tenant: 't1',
      subject: 'whole-way',
      createdAt: expect.stringMatching(ISO),
      receivedAt: expect.stringMatching(ISO),
      uploadedAt: expect.stringMatching(ISO),
      deletedAt: null,
      expiresAt: expect.stringMatching(ISO),
      rejected: null,
    });
    const shown = (await get(token, created.id)).json as UploadRecordWithDownload;
    const bytes = await ask(shown.download?.url ?? '');
    expect(bytes.status).toBe(200);
    expect(sha256Hex(bytes.bytes)).toBe(sha256Hex(file.bytes));
    expect(bytes.headers['content-disposition']).toMatch(
      /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''Gr%C3%BC%C3%9Fe%20/,
    );

    const content = await callGateway(platform, 'GET', `/v1/uploads/${created.id}/content`, { token });
    expect(content.status).toBe(307);
    expect(sha256Hex((await ask(String(content.headers['location']))).bytes)).toBe(sha256Hex(file.bytes));
  });

  it('of no bytes is an upload like any other', async () => {
    const token = await mint(platform, { sub: 'empty' });
    const { record } = await uploadBytes(platform, token, someFile(0));
    expect(record).toMatchObject({ state: 'UPLOADED', size: 0 });
  });

  it('with a declared SHA-256 shows it in the record', async () => {
    const token = await mint(platform, { sub: 'declared' });
    const file = someFile(100);
    const sha256 = sha256Hex(file.bytes);
    const { record } = await uploadBytes(platform, token, { ...file, body: { ...file.body, sha256 } });
    expect(record).toMatchObject({
      state: 'UPLOADED',
      sha256,
      checksums: { sha256: Buffer.from(sha256, 'hex').toString('base64') },
    });
  });

  it('finalizes to the same answer however often it is asked, also twenty times at once', async () => {
    const token = await mint(platform, { sub: 'often' });
    const file = someFile();
    const created = await create(platform, token, file.body);
    await put(created, file.bytes);
    const ask20 = () => patiently(() => finalize(platform, token, created.id));
    const answers = await Promise.all(Array.from({ length: 20 }, ask20));
    const again = await finalize(platform, token, created.id);
    for (const answer of answers) expect(answer.json).toEqual(again.json);
    expect(again.json).toMatchObject({ state: 'UPLOADED' });
  });

  it("is RECEIVED by S3's own event when nobody finalizes", async () => {
    const token = await mint(platform, { sub: 'event-only' });
    const file = someFile(10, { name: 'event.bin' });
    const created = await create(platform, token, file.body);
    expect((await put(created, file.bytes)).status).toBe(200);
    const page = await until(
      async () => (await callGateway(platform, 'GET', '/v1/uploads?state=RECEIVED', { token })).json as UploadPage,
      ({ items }) => items.length > 0,
    );
    expect(page.items).toHaveLength(1);
    expect(page.items[0]).toMatchObject({
      id: created.id,
      state: 'RECEIVED',
      name: 'event.bin',
      subject: 'event-only',
    });
    expect((await finalize(platform, token, created.id)).json).toMatchObject({ state: 'UPLOADED' });
  });

  it('that never got bytes is CREATED with its name, from the event the edge sent', async () => {
    const token = await mint(platform, { sub: 'no-bytes' });
    const created = await create(platform, token, someFile(10, { name: 'planned.bin' }).body);
    const record = await until(
      async () => (await get(token, created.id)).json as UploadRecord,
      ({ name }) => name !== null,
    );
    expect(record).toMatchObject({ state: 'CREATED', name: 'planned.bin', size: 10, versionId: null });
    expect(codeOf(await finalize(platform, token, created.id))).toBe('bytes_missing');
  });

  it('is granted again under the same id by renew, and by create with the same Idempotency-Key', async () => {
    const token = await mint(platform, { sub: 'again' });
    const file = someFile();
    const headers = { 'idempotency-key': 'a-key-of-16-chars' };
    const created = await create(platform, token, file.body, { headers });
    const repeated = await create(platform, token, file.body, { headers });
    const other = await create(platform, token, { ...file.body, name: 'other' }, { headers });
    const renewed = await callGateway(platform, 'POST', `/v1/uploads/${created.id}/renew`, { token, body: file.body });
    expect(repeated.id).toBe(created.id);
    expect(other.id).not.toBe(created.id);
    expect(renewed.status).toBe(200);
    expect(renewed.json).toMatchObject({ id: created.id });
    expect((await put(renewed.json as typeof created, file.bytes)).status).toBe(200);
    expect((await put(created, file.bytes)).status).toBe(412);
  });

  it('can be deleted, restored, and listed newest first over all Regions', async () => {
    const token = await mint(platform, { sub: 'lister' });
    const ids: string[] = [];
    for (const viewer of ['dublin', 'sydney', 'new-york', 'dublin']) {
      ids.unshift((await uploadBytes(platform, token, someFile(), { viewer })).created.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const list = async (query = '') =>
      (await callGateway(platform, 'GET', `/v1/uploads${query}`, { token })).json as UploadPage;
    expect((await list()).items.map(({ id }) => id)).toEqual(ids);
    const paged: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: UploadPage = await list(`?limit=1${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      paged.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(paged).toEqual(ids);

    const [first = ''] = ids;
    const remove = () => callGateway(platform, 'DELETE', `/v1/uploads/${first}`, { token });
    expect((await remove()).status).toBe(204);
    expect((await remove()).status).toBe(204);
    expect((await get(token, first)).json).toMatchObject({ state: 'DELETED', download: null });
    expect(codeOf(await finalize(platform, token, first))).toBe('upload_deleted');
    const restored = await callGateway(platform, 'POST', `/v1/uploads/${first}/restore`, { token });
    expect(restored.json).toMatchObject({ id: first, state: 'UPLOADED', deletedAt: null });
    expect((await get(token, first)).json).toMatchObject({ state: 'UPLOADED', download: { url: expect.any(String) } });
  });

  it('that was deleted before any bytes came takes none afterwards', async () => {
    const token = await mint(platform, { sub: 'aborter' });
    const file = someFile();
    const created = await create(platform, token, file.body);
    expect((await callGateway(platform, 'DELETE', `/v1/uploads/${created.id}`, { token })).status).toBe(204);
    await put(created, file.bytes);
    expect(codeOf(await finalize(platform, token, created.id))).toBe('upload_aborted');
    expect((await get(token, created.id)).json).toMatchObject({ state: 'ABORTED', download: null });
  });
});

describe('the nearest Region', () => {
  it.each([
    ['sydney', 'apse2'],
    ['dublin', 'euw1'],
    ['new-york', 'use1'],
    ['sao-paulo', 'use1'],
    ['-36.85,174.76;NZ', 'apse2'],
  ])('from %s is %s', async (viewer, region) => {
    const token = await mint(platform, { sub: 'places' });
    const created = await create(platform, token, someFile().body, { viewer });
    expect(created).toMatchObject({ region, regionReason: 'viewer-location' });
    expect(created.put?.url.startsWith(`${platform.regions[region]?.s3}/`)).toBe(true);
  });

  it.each(['sydney', 'dublin'])('from %s is use1 for an issuer that may only write there', async (viewer) => {
    const token = await signOwn(inject('limited'), { sub: 'resident' });
    const created = await create(platform, token, someFile().body, { viewer });
    expect(created).toMatchObject({ region: 'use1', regionReason: 'residency' });
  });

  it('cannot be left by inventing an id of another one', async () => {
    const token = await signOwn(inject('limited'), { sub: 'inventor' });
    const body = someFile().body;
    const { put: granted } = await create(platform, token, body);
    const ownerKey = new URL(granted?.url ?? '').pathname.split('/')[4] ?? '';
    const invent = (region: string) => inventId(ownerKey, region);
    const renew = (id: string) => callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body });
    expect((await renew(invent('use1'))).status).toBe(200);
    expect(codeOf(await renew(invent('euw1')))).toBe('region_not_allowed');
    expect(codeOf(await finalize(platform, token, invent('use1')))).toBe('bytes_missing');
    expect(codeOf(await finalize(platform, token, invent('euw1')))).toBe('region_not_allowed');
  });

  it('is one of those left over when the client avoids it', async () => {
    const token = await mint(platform, { sub: 'avoider' });
    const created = await create(platform, token, { ...someFile().body, avoidRegions: ['euw1'] }, { viewer: 'dublin' });
    expect(created).toMatchObject({ region: 'use1', regionReason: 'avoided' });
  });
});
