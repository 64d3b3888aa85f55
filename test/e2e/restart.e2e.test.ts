import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedUpload, UploadPage, UploadRecordWithDownload } from '../../core/contract/records.ts';
import {
  ask,
  callGateway,
  codeOf,
  create,
  finalize,
  mint,
  put,
  someFile,
  until,
  uploadBytes,
} from '../support/gateway.ts';
import { freePort, type Platform, startPlatform, temporaryData } from '../support/platform.ts';

let platform: Platform;
let port = 0;
const data = temporaryData();
beforeAll(async () => {
  port = await freePort();
  platform = await startPlatform({ data, port });
});
afterAll(async () => {
  await platform.stop();
  platform.remove();
});

const crashAndRestart = async (): Promise<void> => {
  await platform.kill();
  platform = await startPlatform({ data, port });
};

const download = async (token: string, id: string): Promise<Buffer> => {
  const { download: link } = (await callGateway(platform, 'GET', `/v1/uploads/${id}`, { token }))
    .json as UploadRecordWithDownload;
  return (await ask(link?.url ?? '')).bytes;
};

/** Sends half of a granted body and leaves the connection open until the other side is gone. */
const halfPut = (created: CreatedUpload, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => {
    const sent = request(created.put?.url ?? '', {
      method: 'PUT',
      headers: { ...created.put?.headers, 'content-length': bytes.length },
    });
    sent.on('error', () => resolve());
    sent.on('close', () => resolve());
    sent.write(bytes.subarray(0, bytes.length / 2));
  });

describe('kill -9 of the whole platform in the middle of uploads', () => {
  it('loses nothing acknowledged, and tokens and URLs from before still work', async () => {
    const token = await mint(platform, { sub: 'crash' });
    const done = someFile(50_000, { name: 'done' });
    const finished = await uploadBytes(platform, token, done);
    const stored = someFile(50_000, { name: 'stored' });
    const storedOnly = await create(platform, token, stored.body);
    expect((await put(storedOnly, stored.bytes)).status).toBe(200);
    const late = someFile(50_000, { name: 'late' });
    const lateGrant = await create(platform, token, late.body);
    const cut = {
      bytes: randomBytes(2_000_000),
      body: { name: 'cut', size: 2_000_000, type: 'application/octet-stream' },
    };
    const cutGrant = await create(platform, token, cut.body);
    const cutting = halfPut(cutGrant, cut.bytes);
    await new Promise((resolve) => setTimeout(resolve, 50));

    await crashAndRestart();
    await cutting;

    expect((await download(token, finished.created.id)).equals(done.bytes)).toBe(true);
    const received = await until(
      async () => (await callGateway(platform, 'GET', '/v1/uploads?state=RECEIVED', { token })).json as UploadPage,
      ({ items }) => items.length > 0,
    );
    expect(received.items.map(({ id }) => id)).toEqual([storedOnly.id]);
    expect((await finalize(platform, token, storedOnly.id)).json).toMatchObject({ state: 'UPLOADED' });
    expect((await download(token, storedOnly.id)).equals(stored.bytes)).toBe(true);
    expect((await put(lateGrant, late.bytes)).status).toBe(200);
    expect((await finalize(platform, token, lateGrant.id)).json).toMatchObject({ state: 'UPLOADED' });
    expect(codeOf(await finalize(platform, token, cutGrant.id))).toBe('bytes_missing');
    expect((await put(cutGrant, cut.bytes)).status).toBe(200);
    expect((await finalize(platform, token, cutGrant.id)).json).toMatchObject({ state: 'UPLOADED' });
  });

  it('again and again under load still loses nothing that was acknowledged', async () => {
    const token = await mint(platform, { sub: 'load' });
    const acknowledged = new Map<string, Buffer>();
    for (let round = 1; round <= 2; round++) {
      let running = true;
      const worker = async (): Promise<void> => {
        while (running) {
          const file = someFile(4_096);
          const result = await uploadBytes(platform, token, file).catch(() => undefined);
          if (result !== undefined) acknowledged.set(result.created.id, file.bytes);
          else await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const workers = Array.from({ length: 8 }, worker);
      await until(
        async () => acknowledged.size,
        (size) => size >= 10 * round,
        30_000,
      );
      await crashAndRestart();
      running = false;
      await Promise.all(workers);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(20);
    for (const [id, bytes] of acknowledged) expect((await download(token, id)).equals(bytes), id).toBe(true);
  });
});

describe('a second start', () => {
  it('on the same data is refused with the reason', async () => {
    await expect(startPlatform({ data, port: await freePort() })).rejects.toThrow(/already|running/i);
  });

  it('on a taken port says how to choose another', async () => {
    await expect(startPlatform({ port })).rejects.toThrow(/--port/);
  });
});

describe('an orderly stop', () => {
  it('ends within five seconds with 0, and the next start goes on where it was', async () => {
    const token = await mint(platform, { sub: 'orderly' });
    const file = someFile();
    const { created } = await uploadBytes(platform, token, file);
    const { regions, issuer } = platform;
    const began = Date.now();
    expect(await platform.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(5_000);
    platform = await startPlatform({ data, port });
    expect({ regions: platform.regions, issuer: platform.issuer }).toEqual({ regions, issuer });
    expect((await download(token, created.id)).equals(file.bytes)).toBe(true);
  });
});
