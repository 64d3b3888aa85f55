import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UploadRecord } from '../../core/contract/records.ts';
import { type Platform, startPlatform } from '../support/platform.ts';
import { storedPuts } from '../support/stored-puts.ts';

/** Ten gibibytes through the command, killed without warning at about half and begun again, and back. Most of the file is a hole, so it needs little disk. */

const LAUNCHER = fileURLToPath(new URL('../../cli/nearput.js', import.meta.url));
const MIB = 1_048_576;
const SIZE = 10 * 1_024 * MIB + 4_321;
const PART_COUNT = 1_281;
const AT_ONCE = 4;
const MEMORY_MAX_MIB = 150;
const MINUTES = 60_000;

let platform: Platform;
let folder = '';
beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(tmpdir(), 'nearput-large-'));
}, 2 * MINUTES);
afterAll(async () => {
  await platform?.stop();
  platform?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A file of which every 97th MiB is random, and the rest a hole. */
const writeSparse = async (path: string): Promise<void> => {
  const file = await open(path, 'w');
  await file.truncate(SIZE);
  for (let at = 0; at + MIB < SIZE; at += 97 * MIB) await file.write(randomBytes(MIB), 0, MIB, at);
  await file.close();
};

/** Most memory that a running process ever had, in MiB. Source: proc_pid_status(5), `VmHWM`. */
const peakOf = (pid: number): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;

const start = (...words: readonly string[]) => {
  const child = spawn(process.execPath, [LAUNCHER, ...words, '--data', platform.data], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, NEARPUT_STATE: join(folder, 'state') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { child, ended: new Promise<number | null>((resolve) => child.once('close', resolve)) };
};

/** Watches a process until it ends, and ends it itself when `enough` says so. Gives its peak of memory in MiB. */
const watch = async (child: ChildProcess, enough: () => boolean = () => false): Promise<number> => {
  let peak = 0;
  while (child.exitCode === null && child.signalCode === null) {
    try {
      peak = Math.max(peak, peakOf(child.pid ?? 0) || 0);
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
    if (enough()) child.kill('SIGKILL');
    await sleep(20);
  }
  return peak;
};

/** Parts that the command knows to be stored. */
const rememberedParts = (): number => {
  try {
    const [name = ''] = readdirSync(join(folder, 'state')).filter((file) => file.endsWith('.upload.jsonl'));
    return readFileSync(join(folder, 'state', name), 'utf8').split('"number"').length - 1;
  } catch (error) {
    if (['ENOENT', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return 0;
    throw error;
  }
};

const text = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  let all = '';
  for await (const chunk of stream ?? []) all += String(chunk);
  return all;
};
const digest = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of stream ?? []) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

describe('a file of 10 GiB', () => {
  it(
    'killed at about half and begun again is finished and equal, sends no stored part twice, and needs little memory',
    async () => {
      await writeSparse(join(folder, 'large.bin'));
      const words = ['upload', 'large.bin', '--json'];

      const first = start(...words);
      const peakBefore = await watch(first.child, () => rememberedParts() >= PART_COUNT / 2);
      await first.ended;
      const known = rememberedParts();
      expect(known).toBeGreaterThanOrEqual(PART_COUNT / 2);
      expect(known).toBeLessThan(PART_COUNT);

      const begun = performance.now();
      const second = start(...words);
      const [peakAfter, printed, said] = await Promise.all([
        watch(second.child),
        text(second.child.stdout),
        text(second.child.stderr),
      ]);
      expect(await second.ended, said).toBe(0);
      const seconds = (performance.now() - begun) / 1_000;
      const record = JSON.parse(printed) as UploadRecord;
      expect(record).toMatchObject({ kind: 'multipart', state: 'UPLOADED', size: SIZE });
      const puts = storedPuts(platform.data, record.id);
      expect(puts).toBeLessThanOrEqual(PART_COUNT + AT_ONCE);

      const third = start('get', record.id, '-o', '-');
      const [peakOfGet, got] = await Promise.all([watch(third.child), digest(third.child.stdout)]);
      expect(await third.ended).toBe(0);
      expect(got).toBe(await digest(createReadStream(join(folder, 'large.bin'))));

      const rest = ((PART_COUNT - known) * 8) / seconds;
      process.stdout.write(
        `10 GiB: killed with ${known} of ${PART_COUNT} parts stored, ${puts - PART_COUNT} sent twice; ` +
          `peak memory ${peakBefore.toFixed(0)} MiB before, ${peakAfter.toFixed(0)} MiB after, ${peakOfGet.toFixed(0)} MiB of get; ` +
          `the rest at ${rest.toFixed(0)} MiB/s\n`,
      );
      expect(Math.min(peakBefore, peakAfter, peakOfGet)).toBeGreaterThan(20);
      expect(Math.max(peakBefore, peakAfter, peakOfGet)).toBeLessThan(MEMORY_MAX_MIB);
    },
    15 * MINUTES,
  );
});
