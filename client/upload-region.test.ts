import { describe, expect, it } from 'vitest';
import { ConnectionError, StorageError } from './errors.ts';
import { bytesSource } from './testing/bytes-source.ts';
import { clientOf, someBytes } from './testing/client-of.ts';
import { createFakeCloud, type FakeCloudOptions, type Fault } from './testing/fake-cloud.ts';
import { problem, s3Error } from './testing/fake-upload.ts';

const BYTES = someBytes(50);
const silence = new ConnectionError('connect', 'nobody there');
const silentIn = (region: string, fault: Fault = silence): FakeCloudOptions => ({
  fault: (attempt) => (attempt.region === region ? fault : undefined),
});

describe.each(['put', 'form', 'multipart'] as const)('a Region whose S3 does not answer a %s', (method) => {
  it.each<[string, Fault]>([
    ['no connection', silence],
    ['a timeout', new ConnectionError('timeout', 'slow')],
    ['503 ServiceUnavailable', s3Error(503, 'ServiceUnavailable')],
  ])('is left for another after %s, and the first upload is ended', async (_, fault) => {
    const cloud = createFakeCloud(silentIn('euw1', fault));
    const record = await clientOf(cloud).client.upload(bytesSource(BYTES), { method });
    expect(record).toMatchObject({ region: 'use1', state: 'UPLOADED' });
    expect(cloud.calls.filter(({ route }) => route === 'create').map(({ body }) => body)).toMatchObject([
      { method },
      { method, avoidRegions: ['euw1'] },
    ]);
    expect(cloud.uploads.get('euw1_1')?.state).toBe('ABORTED');
    expect(cloud.uploads.get('use1_2')?.object).toEqual(BYTES);
  });

  it('is kept when there is no other, until the repetitions are over', async () => {
    const cloud = createFakeCloud({ ...silentIn('euw1'), regions: ['euw1'] });
    await expect(clientOf(cloud).client.upload(bytesSource(BYTES), { method })).rejects.toBe(silence);
    expect(new Set(cloud.puts.map(({ region }) => region))).toEqual(new Set(['euw1']));
  });

  it('is not left when it asks for less or fails inside', async () => {
    let failures = 2;
    const cloud = createFakeCloud({
      fault: () =>
        failures-- > 0 ? s3Error(failures % 2 ? 503 : 500, failures % 2 ? 'SlowDown' : 'InternalError') : undefined,
    });
    const record = await clientOf(cloud).client.upload(bytesSource(BYTES), { method, concurrency: 1 });
    expect(record).toMatchObject({ region: 'euw1' });
  });

  it('keeps the wishes of the caller', async () => {
    const cloud = createFakeCloud({ ...silentIn('use1'), regions: ['euw1', 'use1', 'apse2'] });
    await clientOf(cloud).client.upload(bytesSource(BYTES), { method, avoidRegions: ['euw1'], metadata: { a: 'b' } });
    expect(cloud.calls.findLast(({ route }) => route === 'create')?.body).toMatchObject({
      avoidRegions: ['euw1', 'use1'],
      metadata: { a: 'b' },
    });
  });
});

describe('a Region that falls silent', () => {
  it('after a part was stored is not left', async () => {
    const cloud = createFakeCloud({ fault: ({ number }) => (number === 2 ? silence : undefined) });
    const upload = clientOf(cloud).client.upload(bytesSource(BYTES), { method: 'multipart', concurrency: 1 });
    await expect(upload).rejects.toBe(silence);
    expect(cloud.uploads.size).toBe(1);
    expect(cloud.uploads.get('euw1_1')?.state).toBe('open');
  });

  it('after it took all bytes has them, when abort says so', async () => {
    const cloud = createFakeCloud({ fault: ({ before }) => (before === 0 ? 'lost' : silence) });
    const record = await clientOf(cloud).client.upload(bytesSource(BYTES), { method: 'put' });
    expect(record).toMatchObject({ id: 'euw1_1', state: 'UPLOADED' });
    expect(cloud.uploads.size).toBe(1);
  });

  it('after it took all bytes is not left when nobody can say whether it has them', async () => {
    const cloud = createFakeCloud({
      ...silentIn('euw1'),
      answer: (route) => (route === 'abort' ? problem('upstream_unavailable') : undefined),
    });
    await expect(clientOf(cloud).client.upload(bytesSource(BYTES), { method: 'put' })).rejects.toBe(silence);
    expect(cloud.uploads.size).toBe(1);
  });
});

describe('a form', () => {
  it('is posted with its fields first and the file last', async () => {
    const cloud = createFakeCloud();
    let head = '';
    const { transport } = cloud;
    const spy = {
      ...transport,
      put: async (request: Parameters<typeof transport.put>[0]) => {
        const chunks: Buffer[] = [];
        for await (const chunk of request.body) chunks.push(Buffer.from(chunk));
        head = Buffer.concat(chunks).toString('latin1');
        expect(request.method).toBe('POST');
        expect(request.size).toBe(head.length);
        expect(request.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
        return { status: 201, headers: {}, body: '' };
      },
    };
    const answer = { status: 200, headers: {}, body: JSON.stringify({ id: 'x', state: 'UPLOADED' }) };
    const { client } = clientOf({
      transport: { ...spy, send: async (r) => (r.url.endsWith('/finalize') ? answer : transport.send(r)) },
    });
    await client.upload({ ...bytesSource(Buffer.from('hello')), name: 'a"b\r\n.txt' }, { method: 'form' });
    const boundary = /^--(\S+)\r\n/.exec(head)?.[1] ?? '';
    expect(head.split(`--${boundary}`)).toEqual([
      '',
      '\r\ncontent-disposition: form-data; name="key"\r\n\r\nk"1\r\n',
      '\r\ncontent-disposition: form-data; name="policy"\r\n\r\np\r\n',
      '\r\ncontent-disposition: form-data; name="file"; filename="a%22b%0D%0A.txt"\r\ncontent-type: application/octet-stream\r\n\r\nhello\r\n',
      '--\r\n',
    ]);
  });

  it('whose policy has expired is renewed', async () => {
    const form = { url: 'https://euw1.s3/euw1_1/0/99', fields: { policy: 'fresh' }, expiresAt: '' };
    const cloud = createFakeCloud({
      fault: ({ before }) =>
        before === 0 ? s3Error(403, 'AccessDenied', 'Invalid according to Policy: Policy expired.') : undefined,
      answer: (route) =>
        route === 'renew'
          ? { status: 200, headers: {}, body: JSON.stringify({ id: 'euw1_1', kind: 'form', form }) }
          : undefined,
    });
    await clientOf(cloud).client.upload(bytesSource(BYTES), { method: 'form' });
    expect(cloud.routes()).toEqual(['create', 'renew', 'finalize']);
    expect(cloud.uploads.get('euw1_1')?.object).toEqual(BYTES);
  });

  it('that S3 refuses stops', async () => {
    const cloud = createFakeCloud({ fault: () => s3Error(400, 'EntityTooLarge') });
    await expect(clientOf(cloud).client.upload(bytesSource(BYTES), { method: 'form' })).rejects.toBeInstanceOf(
      StorageError,
    );
    expect(cloud.puts).toHaveLength(1);
  });
});
