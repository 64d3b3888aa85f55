import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { someBytes } from '../../client/testing/client-of.ts';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { ensureTool } from '../../tools/external.ts';

const SDK = fileURLToPath(new URL('../../client/browser/', import.meta.url));

/** What the page does: one file input, one upload; what happened stands in `window.seen`. */
const PAGE_SCRIPT = `
import { blobSource, createBrowserClient, createIndexedStore } from './client.ts';
window.seen = { progress: [], resumed: [], record: null, error: null };
window.store = createIndexedStore('suite');
window.run = (file, options) => {
  const client = createBrowserClient({ endpoint: location.origin, token: 't', idleTimeoutMs: 5000 });
  window.handle = client.startUpload(blobSource(file), {
    ...options,
    onProgress: (progress) => window.seen.progress.push(progress),
    onResumed: (id) => window.seen.resumed.push(id),
  });
  window.handle.result.then(
    (record) => { window.seen.record = record; },
    (error) => { window.seen.error = String(error); },
  );
};
`;

type Seen = {
  readonly progress: readonly { readonly sent: number; readonly size: number }[];
  readonly resumed: readonly string[];
  readonly record: { readonly id: string; readonly state: string } | null;
  readonly error: string | null;
};

let browser: Browser;
let context: BrowserContext;
let page: Page;
let folder = '';
let script = '';
let served: Awaited<ReturnType<typeof serveCloud>>;
let site: { readonly url: string; readonly close: () => void };

const bundle = async (): Promise<string> => {
  const { outputFiles } = await build({
    stdin: { contents: PAGE_SCRIPT, resolveDir: SDK, loader: 'ts' },
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
  });
  return outputFiles[0]?.text ?? '';
};

/** The page on the same origin as the fake cloud, so that no rule of CORS stands between them. */
const serveSite = async (cloud: string) => {
  const server = createServer((request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<input type="file"><script type="module" src="/page.js"></script>');
    } else if (request.url === '/page.js') {
      response.setHeader('content-type', 'text/javascript');
      response.end(script);
    } else {
      const body = request.method === 'GET' ? {} : { body: Readable.toWeb(request), duplex: 'half' as const };
      const headers = request.headers as Record<string, string>;
      fetch(`${cloud}${request.url}`, { method: request.method ?? 'GET', headers, ...body } as RequestInit).then(
        async (answer) => {
          response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
          response.end(Buffer.from(await answer.arrayBuffer()));
        },
        () => response.destroy(),
      );
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, close: () => server.close() };
};

beforeAll(async () => {
  script = await bundle();
  browser = await chromium.launch({ executablePath: await ensureTool('chromium'), args: ['--no-sandbox'] });
});
afterAll(() => browser.close());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-page-'));
  served = await serveCloud({ partSize: 100_000 });
  site = await serveSite(served.url);
  served.showAs(site.url);
  context = await browser.newContext();
  page = await context.newPage();
  await page.goto(site.url);
});
afterEach(async () => {
  await context.close();
  site.close();
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const BYTES = someBytes(1_000_000);

const begin = async (options: object) => {
  writeFileSync(join(folder, 'bytes.bin'), BYTES);
  await page.setInputFiles('input', join(folder, 'bytes.bin'));
  await page.evaluate((given) => {
    const [file] = document.querySelector('input')?.files ?? [];
    (window as unknown as { run: (file: unknown, options: object) => void }).run(file, given);
  }, options);
};
const seen = () => page.evaluate(() => (window as unknown as { seen: unknown }).seen) as Promise<Seen>;
const finished = async (): Promise<Seen> => {
  for (;;) {
    const now = await seen();
    if (now.record !== null || now.error !== null) return now;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe('the SDK in Chromium', () => {
  it.each([
    ['put', { method: 'put' }],
    ['form', { method: 'form' }],
    ['parts', { method: 'multipart' }],
    ['hashed parts', { method: 'multipart', partChecksum: 'sha256' }],
  ])('brings a file by %s, byte for byte, and shows progress', async (_, options) => {
    await begin(options);
    const { record, error, progress } = await finished();
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
    await begin({ method: 'multipart', concurrency: 2 });
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    expect((await seen()).record).toBeNull();
    await context.setOffline(false);
    const { record, error } = await finished();
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
    await begin({ method: 'multipart', concurrency: 1 });
    while (served.cloud.puts.length < 7) await new Promise((resolve) => setTimeout(resolve, 20));
    await page.reload();
    hold = false;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const had = new Set(served.cloud.uploads.get('euw1_1')?.parts.keys());
    served.cloud.puts.length = 0;
    await page.setInputFiles('input', join(folder, 'bytes.bin'));
    await page.evaluate(() => {
      const [file] = document.querySelector('input')?.files ?? [];
      (window as unknown as { run: (file: unknown, options: object) => void }).run(file, {
        method: 'multipart',
        concurrency: 1,
      });
    });
    const { record, resumed, error } = await finished();
    expect(error).toBeNull();
    expect(resumed).toEqual(['euw1_1']);
    expect(record).toMatchObject({ id: 'euw1_1', state: 'UPLOADED' });
    for (const { number } of served.cloud.puts) expect(had.has(number)).toBe(false);
    expect(served.cloud.uploads.get('euw1_1')?.object?.equals(BYTES)).toBe(true);
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
    const part = (number: number) => ({ number, crc64nvme: 'AAAAAAAAAAA=', sha256: null });
    const call = (name: string, ...given: unknown[]) =>
      page.evaluate(
        ([method, values]) =>
          (window as unknown as { store: Record<string, (...all: unknown[]) => Promise<unknown>> }).store[
            method as string
          ]?.(...(values as unknown[])),
        [name, given] as const,
      );
    await call('remove', 'a');
    expect(await call('load', 'a')).toBeUndefined();
    await call('begin', 'a', upload);
    await call('begin', 'b', { ...upload, uploadId: 'other' });
    for (const number of [2, 1, 2]) await call('addPart', 'a', part(number));
    await page.reload();
    expect(await call('load', 'a')).toEqual({ upload, parts: [part(1), part(2)] });
    await call('begin', 'a', upload);
    expect(await call('load', 'a')).toEqual({ upload, parts: [] });
    await call('remove', 'a');
    await call('addPart', 'a', part(1));
    expect(await call('load', 'a')).toBeUndefined();
    expect(await call('load', 'b')).toMatchObject({ upload: { uploadId: 'other' } });
  });
});
