import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { UploadRecord } from '../../core/contract/records.ts';
import { bundlePage, callPage, type Site } from './chromium.fixture.ts';

/** What the page does: one file input, one upload; what happened stands in `window.seen`. */
const SCRIPT = `
import { blobSource, createBrowserClient, createIndexedStore } from './client.ts';
window.seen = () => seen;
window.store = createIndexedStore('suite');
window.callStore = (method, ...given) => window.store[method](...given);
const seen = { progress: [], resumed: [], record: null, error: null };
window.run = (client, options) => {
  const [file] = document.querySelector('input').files;
  const upload = createBrowserClient(client).startUpload(blobSource(file), {
    ...options,
    onProgress: (progress) => seen.progress.push(progress),
    onResumed: (id) => seen.resumed.push(id),
  });
  upload.result.then((record) => { seen.record = record; }, (error) => { seen.error = String(error); });
};
window.digestOf = async (client, id, start) => {
  const sdk = createBrowserClient(client);
  const chunks = [];
  for await (const chunk of sdk.download(await sdk.get(id), { start })) chunks.push(chunk);
  const digest = await crypto.subtle.digest('SHA-256', await new Blob(chunks).arrayBuffer());
  return [...new Uint8Array(digest)];
};
`;

/** What the page saw since it was loaded. */
export type Seen = {
  readonly progress: readonly { readonly sent: number; readonly size: number }[];
  readonly resumed: readonly string[];
  readonly record: Pick<UploadRecord, 'id' | 'state' | 'size'> | null;
  readonly error: string | null;
};

/** Puts the page at `/` of a site. */
export const serveSdkPage = async (site: Site): Promise<void> => {
  site.serve('/', 'text/html', '<input type="file"><script type="module" src="/page.js"></script>');
  site.serve('/page.js', 'text/javascript', await bundlePage(SCRIPT));
};

/** Drives the page with one file. */
export const driveSdkPage = (
  page: Page,
  bytes: Buffer,
  client: { readonly endpoint: string; readonly token: string },
) => {
  const folder = mkdtempSync(join(tmpdir(), 'nearput-page-'));
  const path = join(folder, 'bytes.bin');
  writeFileSync(path, bytes);
  const seen = () => callPage<Seen>(page, 'seen');
  return {
    seen,
    /** Chooses the file, as after every load of the page, and uploads it. */
    begin: async (options: object): Promise<void> => {
      await page.setInputFiles('input', path);
      await callPage(page, 'run', { ...client, idleTimeoutMs: 5_000 }, options);
    },
    /** Waits for the end, good or bad. */
    finished: async (): Promise<Seen> => {
      for (;;) {
        const now = await seen();
        if (now.record !== null || now.error !== null) return now;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    /** SHA-256 of what the page downloads from a position on, as 64 hex digits. */
    digestOf: async (id: string, start = 0): Promise<string> =>
      Buffer.from(await callPage<number[]>(page, 'digestOf', client, id, start)).toString('hex'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
