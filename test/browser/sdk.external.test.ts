import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { someBytes } from '../../client/testing/client-of.ts';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { callPage, launchChromium, type Site, startSite } from './chromium.fixture.ts';
import { driveSdkPage, serveSdkPage } from './sdk-page.fixture.ts';

const BYTES = someBytes(1_000_000);

let browser: Browser;
let context: BrowserContext;
let page: Page;
let files: Site;
let served: Awaited<ReturnType<typeof serveCloud>>;
let site: { readonly url: string; readonly close: () => void };
let sdk: ReturnType<typeof driveSdkPage>;

/** The page's files and the fake cloud on one origin, so that no rule of CORS stands between them. */
const serveTogether = async (cloud: string) => {
  const server = createServer((request, response) => {
    const isFile = request.method === 'GET' && (request.url === '/' || request.url === '/page.js');
    const to = isFile ? `http://127.0.0.1:${files.port}` : cloud;
    const body = request.method === 'GET' ? {} : { body: Readable.toWeb(request), duplex: 'half' as const };
    const headers = request.headers as Record<string, string>;
    fetch(`${to}${request.url}`, { method: request.method ?? 'GET', headers, ...body } as RequestInit).then(
      async (answer) => {
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
        response.end(Buffer.from(await answer.arrayBuffer()));
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
};

beforeAll(async () => {
  files = await startSite();
  await serveSdkPage(files);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  files?.close();
});

beforeEach(async () => {
  served = await serveCloud({ partSize: 100_000 });
  site = await serveTogether(served.url);
  served.showAs(site.url);
  context = await browser.newContext();
  page = await context.newPage();
  sdk = driveSdkPage(page, BYTES, { endpoint: site.url, token: 't' });
  await page.goto(site.url);
});
afterEach(async () => {
  await context.close();
  sdk.remove();
  site.close();
  served.close();
});

describe('the SDK in Chromium', () => {
  it.each([
    ['put', { method: 'put' }],
    ['form', { method: 'form' }],
    ['parts', { method: 'multipart' }],
    ['hashed parts', { method: 'multipart', partChecksum: 'sha256' }],
  ])('brings a file by %s, byte for byte, and shows progress', async (_, options) => {
    await sdk.begin(options);
    const { record, error, progress } = await sdk.finished();
    expect(error).toBeNull();
    expect(record).toMatchObject({ state: 'UPLOADED' });
    expect(served.cloud.uploads.get('euw1_1')?.object?.equals(BYTES)).toBe(true);
    expect(progress.at(-1)).toMatchObject({ sent: 1_000_000, size: 1_000_000 });
  });

  it('survives a line that is gone for a while', async () => {
    served.cloud.setFault(async ({ number }) => {
      if (number === 5) await context.setOffline(true);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return undefined;
    });
    await sdk.begin({ method: 'multipart', concurrency: 2 });
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    expect((await sdk.seen()).record).toBeNull();
    await context.setOffline(false);
    const { record, error } = await sdk.finished();
    expect(error).toBeNull();
    expect(record).toMatchObject({ id: 'euw1_1', state: 'UPLOADED' });
    expect(served.cloud.uploads.get('euw1_1')?.object?.equals(BYTES)).toBe(true);
  });

  it('goes on after a reload with the parts that S3 has not', async () => {
    let hold = true;
    served.cloud.setFault(async () => {
      while (hold && served.cloud.puts.length > 6) await new Promise((resolve) => setTimeout(resolve, 10));
      return undefined;
    });
    await sdk.begin({ method: 'multipart', concurrency: 1 });
    while (served.cloud.puts.length < 7) await new Promise((resolve) => setTimeout(resolve, 20));
    await page.reload();
    hold = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const had = new Set(served.cloud.uploads.get('euw1_1')?.parts.keys());
    served.cloud.puts.length = 0;
    await sdk.begin({ method: 'multipart', concurrency: 1 });
    const { record, resumed, error } = await sdk.finished();
    expect(error).toBeNull();
    expect(resumed).toEqual(['euw1_1']);
    expect(record).toMatchObject({ id: 'euw1_1', state: 'UPLOADED' });
    for (const { number } of served.cloud.puts) expect(had.has(number)).toBe(false);
    expect(served.cloud.uploads.get('euw1_1')?.object?.equals(BYTES)).toBe(true);
  });

  it('finished is not sent again after a reload, where that was asked for', async () => {
    const how = { method: 'put', rememberFinished: true };
    await sdk.begin(how);
    await sdk.finished();
    await page.reload();
    await sdk.begin(how);
    expect(await sdk.finished()).toMatchObject({ resumed: ['euw1_1'], record: { id: 'euw1_1' }, error: null });
    expect(served.cloud.puts).toHaveLength(1);
  });

  it('keeps state in IndexedDB as every state store does, also over a reload', async () => {
    const upload = {
      v: 1,
      id: 'euw1_x',
      uploadId: 'u',
      partSize: 5_242_880,
      partCount: 2,
      partChecksum: 'none',
      expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
    };
    const finish = { v: 1, id: 'euw1_x', finishedAt: new Date().toISOString() };
    const part = (number: number) => ({ number, crc64nvme: 'AAAAAAAAAAA=', sha256: null });
    const call = (...given: unknown[]) => callPage(page, 'callStore', ...given);
    await call('remove', 'a');
    expect(await call('load', 'a')).toBeUndefined();
    await call('begin', 'a', upload);
    await call('begin', 'b', { ...upload, uploadId: 'other' });
    for (const number of [2, 1, 2]) await call('addPart', 'a', part(number));
    await page.reload();
    expect(await call('load', 'a')).toEqual({ upload, parts: [part(1), part(2)] });
    await call('begin', 'a', upload);
    expect(await call('load', 'a')).toEqual({ upload, parts: [] });
    await call('finish', 'a', finish);
    await page.reload();
    expect(await call('load', 'a')).toBeUndefined();
    expect(await call('loadFinished', 'a')).toEqual(finish);
    expect(await call('loadFinished', 'b')).toBeUndefined();
    await call('remove', 'a');
    await call('addPart', 'a', part(1));
    expect(await call('load', 'a')).toBeUndefined();
    expect(await call('loadFinished', 'a')).toBeUndefined();
    expect(await call('load', 'b')).toMatchObject({ upload: { uploadId: 'other' } });
  });
});
