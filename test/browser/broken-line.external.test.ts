import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContext, CDPSession, Page, Response } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PartList, UploadRecordWithDownload } from '../../core/contract/records.ts';
import { ask, callGateway, mint, sha256Hex } from '../support/gateway.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { launchChromium, type Site, startSite } from './chromium.fixture.ts';
import { driveSdkPage, serveSdkPage } from './sdk-page.fixture.ts';

/** The SDK in a page of another origin, on the platform as `npm start` runs it, over a line that is slow, goes away and comes back. */

const MIB = 1_048_576;
const PART_BYTES = 5 * MIB;
const PART_COUNT = 24;
const BYTES = randomBytes((PART_COUNT - 1) * PART_BYTES + 12_345);
const GAP_MS = 10_000;
/** Slow enough to be interrupted: the whole file takes some ten seconds. */
const LINE_BYTES_PER_SECOND = 12 * MIB;

let platform: Platform;
let site: Site;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let line: CDPSession;
let token = '';
let sdk: ReturnType<typeof driveSdkPage>;

beforeAll(async () => {
  platform = await startPlatform();
  site = await startSite();
  await serveSdkPage(site);
  browser = await launchChromium({ 'localhost:5173': site.port });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  site?.close();
  await platform?.stop();
  platform?.remove();
});

beforeEach(async () => {
  token = await mint(platform, { sub: 'line' });
  context = await browser.newContext();
  page = await context.newPage();
  line = await context.newCDPSession(page);
  sdk = driveSdkPage(page, BYTES, { endpoint: platform.edge, token });
  await page.goto('http://localhost:5173/');
});
afterEach(async () => {
  await context.close();
  sdk.remove();
});

const setLine = (offline: boolean) =>
  line.send('Network.emulateNetworkConditions', {
    offline,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: LINE_BYTES_PER_SECOND,
  });

const numberOf = (url: string): number => Number(new URL(url).searchParams.get('partNumber') ?? 0);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Watches the PUTs of parts: those begun, and those that S3 answered with 200. */
const watchParts = () => {
  const begun: number[] = [];
  const stored: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') begun.push(numberOf(request.url()));
  });
  page.on('response', (answer: Response) => {
    if (answer.request().method() === 'PUT' && answer.status() === 200) stored.push(numberOf(answer.url()));
  });
  return { begun, stored };
};

/** Waits until S3 has answered for `count` parts. */
const untilStored = async (stored: readonly number[], count: number): Promise<void> => {
  while (stored.length < count) {
    const { error } = await sdk.seen();
    if (error !== null) throw new Error(error);
    await pause(20);
  }
};

const held = async (id: string): Promise<readonly number[]> => {
  const answer = await callGateway(platform, 'GET', `/v1/uploads/${id}/parts`, { token });
  return (answer.json as PartList).parts.map(({ number }) => number);
};
const idOf = async (): Promise<string> => {
  const listed = await callGateway(platform, 'GET', '/v1/uploads', { token });
  return (listed.json as { items: { id: string }[] }).items[0]?.id ?? '';
};

const prove = async (id: string): Promise<void> => {
  const shown = await callGateway(platform, 'GET', `/v1/uploads/${id}`, { token });
  const record = shown.json as UploadRecordWithDownload;
  expect(record).toMatchObject({ state: 'UPLOADED', kind: 'multipart', size: BYTES.length });
  expect((await ask(record.download?.url ?? '')).bytes.equals(BYTES)).toBe(true);
};

describe('the SDK in Chromium on a platform of its own', () => {
  it.each(['put', 'form', 'multipart'] as const)('brings a file by %s across origins, and back', async (method) => {
    const bytes = BYTES.subarray(0, 1_234_567);
    const small = driveSdkPage(page, bytes, { endpoint: platform.edge, token });
    await small.begin({ method });
    const { record, error, progress } = await small.finished();
    small.remove();
    expect(error).toBeNull();
    expect(record).toMatchObject({ state: 'UPLOADED', size: 1_234_567 });
    expect(await sdk.digestOf(record?.id ?? '')).toBe(sha256Hex(bytes));
    // By Range with If-Match, about which the browser asks S3 first.
    expect(await sdk.digestOf(record?.id ?? '', 1_000_000)).toBe(sha256Hex(bytes.subarray(1_000_000)));
    expect(progress.at(-1)).toMatchObject({ sent: 1_234_567 });
  });

  it.each([
    ['CRC64NVME', {}],
    ['SHA-256 of each part', { partChecksum: 'sha256' }],
  ])('brings every part once over a gap of ten seconds and a reload: %s', async (_, more) => {
    const how = { method: 'multipart', partSize: PART_BYTES, ...more };
    await setLine(false);
    const { begun, stored } = watchParts();
    await sdk.begin(how);
    await untilStored(stored, 5);
    await setLine(true);
    await pause(200);
    const beforeGap = [...stored];
    await pause(GAP_MS);
    expect(stored).toEqual(beforeGap);
    expect(await sdk.seen()).toMatchObject({ record: null, error: null });
    begun.length = 0;
    await setLine(false);
    await untilStored(stored, 14);
    expect(begun.filter((number) => beforeGap.includes(number))).toEqual([]);

    await page.reload();
    await pause(500);
    const id = await idOf();
    const beforeReload = await held(id);
    expect(beforeReload).toEqual(expect.arrayContaining(stored));
    expect(beforeReload.length).toBeLessThan(PART_COUNT);
    begun.length = 0;
    await sdk.begin(how);
    const { record, resumed, error } = await sdk.finished();
    expect(error).toBeNull();
    expect(resumed).toEqual([id]);
    expect(record).toMatchObject({ id, state: 'UPLOADED', size: BYTES.length });
    expect(begun.filter((number) => beforeReload.includes(number))).toEqual([]);
    expect(new Set(stored).size).toBe(stored.length);
    await prove(id);
  });
});
