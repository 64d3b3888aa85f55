import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { UploadRecordWithDownload } from '../../core/contract/records.ts';
import { ContentError } from '../errors.ts';
import { createNodeTransport } from '../node/transport.ts';
import { bytesSource } from '../testing/bytes-source.ts';
import { clientOf, someBytes } from '../testing/client-of.ts';
import { serveCloud } from '../testing/serve-cloud.ts';

const BYTES = someBytes(300_000);

let served: Awaited<ReturnType<typeof serveCloud>>;
let transport: ReturnType<typeof createNodeTransport>;
beforeEach(async () => {
  served = await serveCloud();
  transport = createNodeTransport();
});
afterEach(() => {
  transport.close();
  served.close();
});

const uploaded = async (options: Parameters<typeof clientOf>[1] = {}) => {
  const { client } = clientOf({ transport }, { endpoint: served.url, ...options });
  const { id } = await client.upload(bytesSource(BYTES), { method: 'put' });
  return { client, record: await client.get(id) };
};
const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk.slice());
  return Buffer.concat(all);
};

describe('a download by the SDK', () => {
  it('brings every byte, and those from a position', async () => {
    const { client, record } = await uploaded();
    expect((await collect(client.download(record))).equals(BYTES)).toBe(true);
    expect((await collect(client.download(record, { start: 299_990 }))).equals(BYTES.subarray(299_990))).toBe(true);
    expect(served.cloud.downloads).toEqual([
      { start: 0, ifMatch: undefined },
      { start: 299_990, ifMatch: '"e"' },
    ]);
  });

  it('that breaks is taken up again by Range with If-Match', async () => {
    const { client, record } = await uploaded();
    served.cloud.cutDownload = (start) => (start < 200_000 ? 100_000 : undefined);
    expect((await collect(client.download(record))).equals(BYTES)).toBe(true);
    expect(served.cloud.downloads).toEqual([
      { start: 0, ifMatch: undefined },
      { start: 100_000, ifMatch: '"e"' },
      { start: 200_000, ifMatch: '"e"' },
    ]);
  });

  it('that falls silent counts as broken', async () => {
    const { client, record } = await uploaded({ idleTimeoutMs: 100 });
    served.cloud.hang = true;
    served.cloud.cutDownload = (start) => (start === 0 ? 100_000 : undefined);
    expect((await collect(client.download(record))).equals(BYTES)).toBe(true);
    expect(served.cloud.downloads).toHaveLength(2);
  });

  it('whose link has expired asks for another one', async () => {
    const links: string[] = [];
    const { client, record } = await uploaded({
      fetch: (url, init) => {
        links.push(String(url));
        const expired = '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>';
        return links.length === 1 ? Promise.resolve(new Response(expired, { status: 403 })) : fetch(url, init);
      },
    });
    served.cloud.expireUrls();
    expect((await collect(client.download(record))).equals(BYTES)).toBe(true);
    expect(links).toHaveLength(2);
    expect(links[1]).not.toBe(links[0]);
  });

  it.each<[string, number, string]>([
    ['has changed meanwhile', 412, 'PreconditionFailed'],
    ['is gone', 404, 'NoSuchKey'],
  ])('of an object that %s stops', async (_, status, code) => {
    let asked = 0;
    const { client, record } = await uploaded({
      fetch: async () => {
        asked++;
        return new Response(`<Error><Code>${code}</Code></Error>`, { status });
      },
    });
    await expect(collect(client.download(record))).rejects.toMatchObject({ name: 'StorageError', status, code });
    expect(asked).toBe(1);
  });

  it.each<[string, Partial<UploadRecordWithDownload>]>([
    ['crc64nvme', { checksums: { crc64nvme: 'AAAAAAAAAAA=' } }],
    ['length', { size: 300_001 }],
  ])('of other bytes than the record says fails by %s, unless the caller compares', async (what, change) => {
    const { client, record } = await uploaded();
    const other = { ...record, ...change };
    await expect(collect(client.download(other))).rejects.toThrow(what);
    expect((await collect(client.download(other, { verify: false }))).equals(BYTES)).toBe(true);
  });

  it('of an upload that is not finished is refused', async () => {
    const { client, record } = await uploaded();
    await expect(collect(client.download({ ...record, state: 'DELETED', download: null }))).rejects.toBeInstanceOf(
      ContentError,
    );
  });

  it('stops with the reason of the signal', async () => {
    const { client, record } = await uploaded();
    served.cloud.hang = true;
    served.cloud.cutDownload = () => 100_000;
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error('enough')), 100);
    await expect(collect(client.download(record, { signal: stop.signal }))).rejects.toThrow('enough');
  });
});
