import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetBucketCorsCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CreatedUpload, FormGrant, UploadRecordWithDownload } from '../../core/contract/records.ts';
import { callGateway, codeOf, create, finalize, mint, sha256Hex, someFile } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { callPage, launchChromium, type Site, startSite } from './chromium.fixture.ts';

/** Pages without any SDK, of an origin that is neither the gateway's nor S3's, on the platform as `npm start` runs it. */

/** An origin the platform is told to allow, and one that it is not. */
const ALLOWED = 'http://localhost:5173';
const STRANGER = 'http://localhost:5174';
const MIB = 1_048_576;

let platform: Platform;
let site: Site;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let token = '';
let folder = '';

beforeAll(async () => {
  platform = await startPlatform();
  site = await startSite();
  browser = await launchChromium({ 'localhost:5173': site.port, 'localhost:5174': site.port });
  token = await mint(platform, { sub: 'page' });
  folder = mkdtempSync(join(tmpdir(), 'nearput-page-'));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  site?.close();
  await platform?.stop();
  platform?.remove();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context.close());

/** What any page could write: `fetch`, and what it may read of the answer. */
const SCRIPT = `
const shown = async (answer) => ({ status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() });
const sent = (promise) => promise.then(shown, (error) => ({ refused: error.name }));
window.ask = (url, init) => sent(fetch(url, init));
window.send = (url, init, size) => sent(fetch(url, { ...init, body: new Uint8Array(size).fill(7) }));
window.post = (url, fields, size) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append('file', new Blob([new Uint8Array(size).fill(7)]), 'sevens.bin');
  return sent(fetch(url, { method: 'POST', body: form }));
};
`;

type Shown = { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly text: string };
type Outcome = Shown | { readonly refused: string };

const open = async (origin: string): Promise<void> => {
  site.serve('/', 'text/html', `<script>${SCRIPT}</script>`);
  await page.goto(`${origin}/`);
};
const authorized = () => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });
const sevens = (size: number): Buffer => Buffer.alloc(size, 7);

/** Asks the gateway from the page. */
const gateway = (path: string, body?: object): Promise<Outcome> =>
  callPage(page, 'ask', `${platform.edge}/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: authorized(),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const shown = (outcome: Outcome): Shown => {
  if ('refused' in outcome) throw new Error(`the browser refused: ${outcome.refused}`);
  return outcome;
};
const created = (outcome: Outcome): CreatedUpload => JSON.parse(shown(outcome).text) as CreatedUpload;
const formOf = ({ form }: CreatedUpload): FormGrant => {
  if (form === undefined) throw new Error('no form was granted');
  return form;
};

/** Finalizes from the page, then compares the bytes that the page downloads. */
const proveFromPage = async (id: string, bytes: Buffer): Promise<void> => {
  const done = shown(await gateway(`/uploads/${id}/finalize`, {}));
  expect(done.status, done.text).toBe(200);
  expect(JSON.parse(done.text)).toMatchObject({ id, state: 'UPLOADED', size: bytes.length });
  const record = JSON.parse(shown(await gateway(`/uploads/${id}`)).text) as UploadRecordWithDownload;
  const digest = await page.evaluate(async (url) => {
    const got = await (await fetch(url)).arrayBuffer();
    return [...new Uint8Array(await crypto.subtle.digest('SHA-256', got))];
  }, record.download?.url ?? '');
  expect(Buffer.from(digest).toString('hex')).toBe(sha256Hex(bytes));
};

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

describe('a form upload from a plain HTML page', () => {
  it('made of the answer and nothing else is taken, and holds the same bytes', async () => {
    const { bytes, body } = someFile(3 * MIB + 1, { method: 'form', metadata: { album: 'été & "more"' } });
    const upload = await create(platform, token, { ...body, sha256: sha256Hex(bytes) });
    const { url, fields } = formOf(upload);
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
    );
    site.serve(
      '/form.html',
      'text/html',
      `<!doctype html><form method="post" enctype="multipart/form-data" action="${escaped(url)}">
${inputs.join('\n')}
<input type="file" name="file"><button>Upload</button></form>`,
    );
    await page.goto(`${ALLOWED}/form.html`);
    writeFileSync(join(folder, 'photo of me.bin'), bytes);
    await page.setInputFiles('input[type=file]', join(folder, 'photo of me.bin'));
    const answered = page.waitForResponse((answer) => answer.url() === url);
    await page.click('button');
    expect((await answered).status()).toBe(201);
    await page.waitForURL(url);
    expect(await page.content()).toContain(`<Key>${fields['key']}</Key>`);

    await open(ALLOWED);
    await proveFromPage(upload.id, bytes);
  });

  it.each([0, 1, MIB])('or its script, of %s bytes, can read what S3 answers', async (size) => {
    await open(ALLOWED);
    const wish = { name: 'sevens.bin', size, type: 'application/octet-stream', method: 'form' };
    const upload = created(await gateway('/uploads', wish));
    const { url, fields } = formOf(upload);
    const answer = shown(await callPage<Outcome>(page, 'post', url, fields, size));
    expect(answer.status, answer.text).toBe(201);
    expect(answer.text).toContain(`<Key>${fields['key']}</Key>`);
    expect(answer.headers).toHaveProperty('etag');
    await proveFromPage(upload.id, sevens(size));
  });

  it('one byte too long is refused, and the page can read why', async () => {
    await open(ALLOWED);
    const wish = { name: 'sevens.bin', size: 10, type: 'application/octet-stream', method: 'form' };
    const { url, fields } = formOf(created(await gateway('/uploads', wish)));
    const answer = shown(await callPage<Outcome>(page, 'post', url, fields, 11));
    expect([answer.status, /<Code>(\w+)</.exec(answer.text)?.[1]]).toEqual([400, 'EntityTooLarge']);
  });
});

describe('CORS', () => {
  it('of the buckets is what is deployed', async () => {
    for (const { name, s3, bucket } of Object.values(platform.regions)) {
      const client = new S3Client({ region: name, endpoint: s3, forcePathStyle: true, credentials: platform.admin });
      const { CORSRules } = await client.send(new GetBucketCorsCommand({ Bucket: bucket }));
      client.destroy();
      expect(CORSRules).toEqual([
        {
          AllowedOrigins: expect.arrayContaining([ALLOWED]),
          AllowedMethods: ['PUT', 'POST', 'GET', 'HEAD'],
          AllowedHeaders: ['*'],
          ExposeHeaders: [
            'ETag',
            'x-amz-version-id',
            'x-amz-request-id',
            'x-amz-checksum-sha256',
            'x-amz-checksum-crc64nvme',
          ],
          MaxAgeSeconds: 3_600,
        },
      ]);
      expect(CORSRules?.[0]?.AllowedOrigins).not.toContain('*');
    }
  });

  it('lets a page PUT with every header that was signed, and read version, ETag and checksum', async () => {
    await open(ALLOWED);
    const sha256 = sha256Hex(sevens(64));
    const wish = { name: 'é.bin', size: 64, type: 'image/png', sha256, metadata: { a: 'b' } };
    const { id, put } = created(await gateway('/uploads', wish));
    if (put === undefined) throw new Error('no PUT was granted');
    expect(Object.keys(put.headers)).toEqual(
      expect.arrayContaining(['content-type', 'if-none-match', 'x-amz-checksum-sha256', 'x-amz-meta-nearput']),
    );
    const init = { method: put.method, headers: put.headers };
    const answer = shown(await callPage<Outcome>(page, 'send', put.url, init, 64));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers).toMatchObject({
      etag: `"${createHash('md5').update(sevens(64)).digest('hex')}"`,
      'x-amz-version-id': expect.any(String),
      'x-amz-request-id': expect.any(String),
      'x-amz-checksum-sha256': Buffer.from(sha256, 'hex').toString('base64'),
    });
    await proveFromPage(id, sevens(64));
  });

  it('lets a page PUT parts, and read the ETag of each', async () => {
    await open(ALLOWED);
    const size = 5 * MIB + 3;
    const wish = { name: 'parts.bin', size, type: 'video/mp4', method: 'multipart', partSize: 5 * MIB };
    const { id, multipart } = created(await gateway('/uploads', wish));
    expect(multipart?.parts).toHaveLength(2);
    for (const part of multipart?.parts ?? []) {
      const init = { method: 'PUT', headers: part.headers };
      const answer = shown(await callPage<Outcome>(page, 'send', part.url, init, part.size));
      expect(answer.status, answer.text).toBe(200);
      expect(answer.headers['etag']).toBe(`"${createHash('md5').update(sevens(part.size)).digest('hex')}"`);
    }
    await proveFromPage(id, sevens(size));
  });

  it('lets a page read why it was refused by the gateway, and when to ask again', async () => {
    await open(ALLOWED);
    const answer = shown(
      await callPage<Outcome>(page, 'ask', `${platform.edge}/v1/whoami`, { headers: { authorization: 'Bearer x' } }),
    );
    expect(answer.status).toBe(401);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'token_malformed' });
    expect(answer.headers).toHaveProperty('x-request-id');
    expect(answer.headers).toHaveProperty('www-authenticate');
    expect(answer.headers).toHaveProperty('retry-after');
  });
});

describe('a page of another origin', () => {
  it('cannot create an upload, though it holds a token', async () => {
    await open(STRANGER);
    const name = `stranger-${randomBytes(8).toString('hex')}`;
    expect(await gateway('/uploads', { name, size: 1, type: 'image/png' })).toEqual({ refused: 'TypeError' });
    const listed = await callGateway(platform, 'GET', '/v1/uploads?limit=100', { token });
    expect(listed.text).not.toContain(name);
  });

  it('cannot PUT what was granted, though it holds the grant', async () => {
    await open(STRANGER);
    const { bytes, body } = someFile(64);
    const { id, put } = await create(platform, token, body);
    const init = { method: 'PUT', headers: put?.headers };
    const answer = await callPage<Outcome>(page, 'send', put?.url, init, bytes.length);
    expect(answer).toEqual({ refused: 'TypeError' });
    expect(codeOf(await finalize(platform, token, id))).toBe('bytes_missing');
  });

  it('cannot read what the gateway answers where the browser does not ask first', async () => {
    await open(STRANGER);
    const answer = await callPage<Outcome>(page, 'ask', `${platform.edge}/v1/health`, {});
    expect(answer).toEqual({ refused: 'TypeError' });
    await open(ALLOWED);
    expect(await callPage<Outcome>(page, 'ask', `${platform.edge}/v1/health`, {})).toMatchObject({ status: 200 });
  });
});
