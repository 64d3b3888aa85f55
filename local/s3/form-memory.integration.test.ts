import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postOf, signForm } from './suite/form-requests.ts';
import { openStage, type Stage, type Started } from './testing/child.ts';
import { ADMIN } from './testing/platform.ts';

const MIB = 1024 ** 2;
const SIZE = 160 * MIB;
/** What the process may grow by while it takes a form, in bytes. */
const GROWTH = 80 * MIB;

let stage: Stage;
let started: Started;
beforeAll(async () => {
  stage = await openStage();
  started = await stage.start();
});
afterAll(() => stage?.close());

/** The most memory the process ever had, in bytes. */
async function peakOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1_024;
}

async function post(size: number): Promise<number> {
  const key = `u/big/${size}`;
  const { accessKeyId, secretAccessKey } = ADMIN;
  const credentials = { accessKeyId, secretAccessKey };
  const target = { endpoint: started.url, region: 'eu-west-1', bucket: 'bucket-eu', credentials };
  const form = postOf(signForm(target, { fields: { key }, conditions: [{ key }] }, Buffer.alloc(0)));
  const cut = form.body.lastIndexOf('\r\n--', form.body.length - 6);
  const [before, behind] = [form.body.subarray(0, cut), form.body.subarray(cut)];
  const headers = { ...form.headers, 'content-length': String(form.body.length + size) };
  return new Promise((resolve, reject) => {
    const outgoing = request(form.url, { method: 'POST', headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    const chunk = Buffer.alloc(MIB, 'x');
    const chunks = Array.from({ length: size / MIB }, () => chunk);
    Readable.from([before, ...chunks, behind], { objectMode: true, highWaterMark: 1 }).pipe(outgoing);
  });
}

test.runIf(process.platform === 'linux')('a form of 160 MiB is taken without holding it', async () => {
  expect(await post(MIB)).toBe(204);
  const before = await peakOf(started.child.pid);
  expect(await post(SIZE)).toBe(204);
  expect((await peakOf(started.child.pid)) - before).toBeLessThan(GROWTH);
});
