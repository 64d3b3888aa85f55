import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import type {
  CreatedUpload,
  FormGrant,
  MultipartGrant,
  PartGrant,
  SignedParts,
  UploadRecordWithDownload,
} from '../../core/contract/records.ts';
import { FORM_LIES, postOf, SESSION_FORM_LIES } from '../support/form-lies.ts';
import { type Answer, ask, callGateway, codeOf, create, finalize, mint, someFile, until } from '../support/gateway.ts';
import { PART_LIES, partRequest } from '../support/part-lies.ts';
import { codeIn, send } from '../support/wire.ts';

const platform = inject('platform');
const MIB = 1_048_576;
const hash = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest();
const hex = (bytes: Buffer): string => hash(bytes).toString('hex');
const person = (): Promise<string> => mint(platform, { sub: 'transfer' });

/** Finalizes until the answer is not 202. */
const finished = (token: string, id: string): Promise<Answer> =>
  until(
    () => finalize(platform, token, id),
    ({ status }) => status !== 202,
  );

const bytesOf = async (token: string, id: string): Promise<Buffer> => {
  const record = (await callGateway(platform, 'GET', `/v1/uploads/${id}`, { token })).json as UploadRecordWithDownload;
  return (await ask(record.download?.url ?? '')).bytes;
};

const formOf = ({ form }: CreatedUpload): FormGrant => {
  if (form === undefined) throw new Error('no form was granted');
  return form;
};
const multipartOf = ({ multipart }: CreatedUpload): MultipartGrant => {
  if (multipart === undefined) throw new Error('no parts were granted');
  return multipart;
};

describe('a form', () => {
  const granted = async (size = 64) => {
    const token = await person();
    const { bytes, body } = someFile(size);
    const created = await create(platform, token, {
      ...body,
      method: 'form',
      sha256: hex(bytes),
      metadata: { a: 'é' },
    });
    return { token, id: created.id, form: { ...formOf(created), file: bytes }, body };
  };

  it.each([0, 1, 3 * MIB])('of %s bytes ends UPLOADED, with the same bytes', async (size) => {
    const { token, id, form } = await granted(size);
    const answer = await send(postOf(form));
    expect([answer.status, answer.headers['content-type']]).toEqual([201, 'application/xml']);
    expect(answer.body.toString()).toContain(`<Key>${form.fields['key']}</Key>`);
    const done = await finished(token, id);
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({
      kind: 'form',
      state: 'UPLOADED',
      size,
      sha256: hex(form.file),
      metadata: { a: 'é' },
    });
    expect((await bytesOf(token, id)).equals(form.file)).toBe(true);
  });

  it('can be renewed until it was sent', async () => {
    const { token, id, form, body } = await granted();
    const again = { ...body, method: 'form', sha256: hex(form.file), metadata: { a: 'é' } };
    const answer = await callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body: again });
    expect(answer.status, answer.text).toBe(200);
    const renewed = formOf(answer.json as CreatedUpload);
    expect(renewed.fields['key']).toBe(form.fields['key']);
    expect((await send(postOf({ ...renewed, file: form.file }))).status).toBe(201);
    expect((await finished(token, id)).json).toMatchObject({ state: 'UPLOADED' });
  });

  it.each([...FORM_LIES, ...SESSION_FORM_LIES])(
    'with %s is refused as %s and stores nothing',
    async (_, code, tell) => {
      const { token, id, form } = await granted();
      expect(codeIn(await send(postOf(tell(form))))).toBe(code);
      expect(codeOf(await finalize(platform, token, id))).toBe('bytes_missing');
      expect((await send(postOf(form))).status).toBe(201);
    },
  );

  it("at another Region's bucket is refused", async () => {
    const { form } = await granted();
    const [home, other] = [platform.regions['euw1'], platform.regions['use1']];
    const url = form.url.replace(`${home?.s3}/${home?.bucket}`, `${other?.s3}/${other?.bucket}`);
    expect(url).not.toBe(form.url);
    expect((await send(postOf({ ...form, url }))).status).toBeGreaterThanOrEqual(400);
  });
});

describe('an upload in parts', () => {
  const SIZE = 12 * MIB + 7;
  const granted = async (more: object = {}, headers = {}) => {
    const token = await person();
    const { bytes, body } = someFile(SIZE, { method: 'multipart', partSize: 5 * MIB, ...more });
    const created = await create(platform, token, body, { headers });
    return { token, id: created.id, bytes, body, created, multipart: multipartOf(created) };
  };
  const slice = (bytes: Buffer, number: number): Buffer => bytes.subarray((number - 1) * 5 * MIB, number * 5 * MIB);
  const sendPart = (part: PartGrant, bytes: Buffer) => send(partRequest(part, slice(bytes, part.number)));
  const sign = (token: string, id: string, body: object): Promise<Answer> =>
    callGateway(platform, 'POST', `/v1/uploads/${id}/parts`, { token, body });

  it('ends UPLOADED with the same bytes, in whatever order its parts come', async () => {
    const { token, id, bytes, multipart } = await granted();
    expect(multipart).toMatchObject({ partSize: 5 * MIB, partCount: 3 });
    for (const part of multipart.parts.toReversed()) expect((await sendPart(part, bytes)).status).toBe(200);
    const done = await finished(token, id);
    expect(done.status, done.text).toBe(200);
    expect(done.json).toMatchObject({ kind: 'multipart', state: 'UPLOADED', size: SIZE, sha256: null });
    expect((done.json as UploadRecordWithDownload).checksums).toHaveProperty('crc64nvme');
    expect((await bytesOf(token, id)).equals(bytes)).toBe(true);
  });

  it('ends with the composite of the SHA-256 that its parts had to carry', async () => {
    const { token, id, bytes, multipart } = await granted({ partChecksum: 'sha256' });
    expect(multipart.parts).toEqual([]);
    const sums = [1, 2, 3].map((number) => hex(slice(bytes, number)));
    const answer = await sign(token, id, { uploadId: multipart.uploadId, from: 1, count: 3, sha256: sums });
    expect(answer.status, answer.text).toBe(200);
    for (const part of (answer.json as SignedParts).parts) expect((await sendPart(part, bytes)).status).toBe(200);
    const done = await finished(token, id);
    const whole = hash(Buffer.concat([1, 2, 3].map((number) => hash(slice(bytes, number))))).toString('base64');
    expect(done.json).toMatchObject({ state: 'UPLOADED', checksums: { sha256: `${whole}-3` } });
  });

  it('is what auto means above 64 MiB', async () => {
    const token = await person();
    const big = { name: 'big.bin', size: 64 * MIB + 1, type: 'application/octet-stream' };
    expect(await create(platform, token, big)).toMatchObject({
      kind: 'multipart',
      multipart: { partSize: 8 * MIB, partCount: 9 },
    });
  });

  it('is taken up again by the same Idempotency-Key', async () => {
    const headers = { 'idempotency-key': randomBytes(16).toString('hex') };
    const { token, created, body } = await granted({}, headers);
    const again = await create(platform, token, body, { headers });
    expect(again.id).toBe(created.id);
    expect(multipartOf(again).uploadId).toBe(multipartOf(created).uploadId);
  });

  it('is renewed with what it has, and with nothing after it was aborted', async () => {
    const { token, id, body, bytes, multipart } = await granted();
    const renew = (change: object = {}) =>
      callGateway(platform, 'POST', `/v1/uploads/${id}/renew`, { token, body: { ...body, ...change } });
    const [first, ...others] = multipart.parts;
    if (first === undefined) throw new Error('no part was signed');
    expect((await sendPart(first, bytes)).status).toBe(200);
    const renewed = multipartOf((await renew()).json as CreatedUpload);
    expect(renewed.uploadId).toBe(multipart.uploadId);
    expect(others.length).toBe(2);
    expect(codeOf(await renew({ name: 'other.bin' }))).toBe('grant_mismatch');
    expect(codeOf(await renew({ partSize: 6 * MIB }))).toBe('grant_mismatch');
    await callGateway(platform, 'POST', `/v1/uploads/${id}/abort`, { token });
    expect(codeOf(await renew())).toBe('upload_ended');
  });

  it('signs no part beyond the plan, whose checksum was not asked for, or of a stranger', async () => {
    const { token, id, multipart } = await granted();
    const { uploadId } = multipart;
    expect(codeOf(await sign(token, id, { uploadId, numbers: [4] }))).toBe('part_mismatch');
    expect(codeOf(await sign(token, id, { uploadId, numbers: [1], sha256: ['ab'.repeat(32)] }))).toBe(
      'request_invalid',
    );
    expect(codeOf(await sign(token, id, { uploadId: `${uploadId}&x=`, numbers: [1] }))).toBe('request_invalid');
    const stranger = await mint(platform, { sub: 'stranger' });
    expect(codeOf(await sign(stranger, id, { uploadId, numbers: [1] }))).toBe('upload_not_found');
  });

  describe('of one small part', () => {
    const small = async () => {
      const token = await person();
      const { bytes, body } = someFile(22, { method: 'multipart', partChecksum: 'sha256' });
      const created = await create(platform, token, body);
      const { uploadId } = multipartOf(created);
      const signed = async (id: string): Promise<PartGrant> => {
        const answer = await sign(token, created.id, { uploadId: id, numbers: [1], sha256: [hex(bytes)] });
        const [part] = (answer.json as SignedParts).parts;
        if (part === undefined) throw new Error(answer.text);
        return part;
      };
      const missing = async (): Promise<unknown> =>
        (await callGateway(platform, 'GET', `/v1/uploads/${created.id}/parts`, { token })).json;
      return { token, id: created.id, uploadId, bytes, signed, missing };
    };

    it.each(PART_LIES)('with %s is refused as %s and keeps nothing', async (_, code, tell) => {
      const { token, id, uploadId, bytes, signed, missing } = await small();
      const other = await small();
      const good = partRequest(await signed(uploadId), bytes);
      expect(codeIn(await send(tell(good, other.uploadId)))).toBe(code);
      expect(await missing()).toMatchObject({ parts: [], missing: [1], wrong: [] });
      expect((await send(good)).status).toBe(200);
      expect((await finished(token, id)).json).toMatchObject({ state: 'UPLOADED', size: 22 });
    });

    it("signed with another upload's id is refused by S3, which knows whose it is", async () => {
      const { bytes, signed, missing } = await small();
      const other = await small();
      const answer = await send(partRequest(await signed(other.uploadId), bytes));
      expect([answer.status, codeIn(answer)]).toEqual([404, 'NoSuchUpload']);
      expect(await missing()).toMatchObject({ parts: [], missing: [1] });
      expect(await other.missing()).toMatchObject({ parts: [], missing: [1] });
    });
  });
});
