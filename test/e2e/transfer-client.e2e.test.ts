import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { UploadRecord } from '../../core/contract/records.ts';
import { nearput } from '../support/command.ts';
import { until } from '../support/gateway.ts';
import { storedPuts } from '../support/stored-puts.ts';

const platform = inject('platform');
const LAUNCHER = fileURLToPath(new URL('../../cli/nearput.js', import.meta.url));
const MIB = 1_048_576;
const PART_BYTES = 5 * MIB;
const AT_ONCE = 4;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-transfer-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const env = () => ({ NEARPUT_STATE: join(folder, 'state') });
const run = (...words: string[]) => nearput([...words, '--data', platform.data], { cwd: folder, env: env() });
const sha256 = (path: string) =>
  createHash('sha256')
    .update(readFileSync(join(folder, path)))
    .digest('hex');

/** Writes a file of random bytes that no other test wrote. */
const write = (name: string, size: number): void => {
  writeFileSync(join(folder, name), randomBytes(size));
};

/** What is remembered; a file that a kill left unfinished has a longer name. */
const states = (): string[] => readdirSync(join(folder, 'state')).filter((file) => file.endsWith('.upload.jsonl'));

/** Parts that the killed command knew to be stored. */
const rememberedParts = (): number => {
  const [name] = states();
  if (name === undefined) return 0;
  return readFileSync(join(folder, 'state', name), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"number"')).length;
};

const started = (words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [LAUNCHER, ...words, '--data', platform.data], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env() },
    stdio: 'ignore',
  });

/** Ids of uploads that the killed command knew to be finished. */
const finishedIds = (): string[] =>
  states()
    .map((name) => JSON.parse(readFileSync(join(folder, 'state', name), 'utf8').split('\n')[0] ?? '') as object)
    .flatMap((state) => ('finishedAt' in state && 'id' in state ? [String(state.id)] : []));

/** Ends the command without any warning as soon as it remembers enough: so many stored parts unless said otherwise. */
const killAt = async (words: readonly string[], enough: number, known = rememberedParts): Promise<void> => {
  const child = started(words);
  const closed = new Promise((resolve) => child.once('close', resolve));
  while (child.exitCode === null && child.signalCode === null) {
    try {
      if (known() >= enough) child.kill('SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await closed;
};

describe('a large file by the command', () => {
  it.each([
    ['CRC64NVME', []],
    ['SHA-256 of each part', ['--sha256']],
  ])('killed at about half and begun again finishes, and is the same byte for byte: %s', async (label, more) => {
    const name = `killed-${more.length}.bin`;
    const count = 24;
    write(name, (count - 1) * PART_BYTES + 12_345);
    const words = ['upload', name, '--part-size', '5MiB', '--concurrency', String(AT_ONCE), '--json', ...more];
    await killAt(words, count / 2);
    const known = rememberedParts();
    expect(known, label).toBeGreaterThanOrEqual(count / 2);
    expect(known).toBeLessThan(count);

    const again = await run(...words);
    expect(again.code, again.stderr).toBe(0);
    const record = JSON.parse(again.stdout) as UploadRecord;
    expect(record).toMatchObject({ kind: 'multipart', state: 'UPLOADED', size: (count - 1) * PART_BYTES + 12_345 });
    // What was stored is not sent again; only what was on its way at the end, at most one part of each connection, may be.
    expect(storedPuts(platform.data, record.id)).toBeLessThanOrEqual(count + AT_ONCE);
    expect(states()).toEqual([]);

    const got = await run('get', record.id, '-o', 'copy.bin');
    expect(got.code, got.stderr).toBe(0);
    expect(sha256('copy.bin')).toBe(sha256(name));
  });

  it('interrupted shows its parts, can be aborted, and then begins anew', async () => {
    write('aborted.bin', 16 * PART_BYTES);
    const words = ['upload', 'aborted.bin', '--part-size', '5MiB', '--json'];
    await killAt(words, 6);
    // The record comes with the event of the gate, which the recorder takes within a second or two.
    const { stdout } = await until(
      () => run('ls', '--json', '--state', 'CREATED'),
      (listed) => listed.stdout.includes('aborted.bin'),
    );
    const line = stdout.split('\n').find((text) => text.includes('aborted.bin'));
    const { id } = JSON.parse(line ?? '{}') as UploadRecord;
    const parts = await run('parts', id, '--json');
    expect(parts.code, parts.stderr).toBe(0);
    expect(JSON.parse(parts.stdout)).toMatchObject({ partSize: PART_BYTES, partCount: 16, wrong: [] });
    expect(await run('abort', id)).toMatchObject({ code: 0 });
    const again = await run(...words);
    expect(again.code, again.stderr).toBe(0);
    expect((JSON.parse(again.stdout) as UploadRecord).id).not.toBe(id);
  });

  it('in a folder that was interrupted is not sent again when it is finished, unless it was deleted', async () => {
    mkdirSync(join(folder, 'photos'));
    const names = Array.from({ length: 30 }, (_, index) => `photos/${String(index).padStart(2, '0')}.bin`);
    for (const name of names) write(name, 100_000);
    const words = ['upload', 'photos', '--concurrency', '2', '--json'];
    await killAt(words, 5, () => finishedIds().length);
    const finished = finishedIds();
    expect(finished.length).toBeGreaterThanOrEqual(5);
    expect(finished.length).toBeLessThan(names.length);
    const [deleted = '', ...kept] = finished;
    expect(await run('rm', deleted)).toMatchObject({ code: 0 });

    const again = await run(...words);
    expect(again.code, again.stderr).toBe(0);
    const records = again.stdout.trim().split('\n');
    const told = records.map((line) => JSON.parse(line) as UploadRecord & { readonly file: string });
    expect(told.map(({ file }) => file)).toEqual(names);
    expect(told.map(({ id }) => id)).toEqual(expect.arrayContaining(kept));
    expect(told.map(({ id }) => id)).not.toContain(deleted);
    for (const id of finished) expect(storedPuts(platform.data, id)).toBe(1);
    expect(new Set(told.map(({ state }) => state))).toEqual(new Set(['UPLOADED']));
    expect(states()).toEqual([]);
  });

  it('of more than 64 MiB goes in parts by itself, a smaller one and a form in one request', async () => {
    write('large.bin', 64 * MIB + 1);
    write('small.bin', 1_000);
    const records = (await run('upload', 'large.bin', 'small.bin', '--json')).stdout.trim().split('\n');
    expect(records.map((line) => JSON.parse(line) as object)).toMatchObject([
      { kind: 'multipart', state: 'UPLOADED', file: 'large.bin', checksums: { crc64nvme: expect.any(String) } },
      { kind: 'put', state: 'UPLOADED', file: 'small.bin' },
    ]);
    const form = await run('upload', 'small.bin', '--method', 'form', '--json');
    expect(JSON.parse(form.stdout), form.stderr).toMatchObject({ kind: 'form', state: 'UPLOADED' });
  });

  it('from standard input is kept first, then sent', async () => {
    const bytes = randomBytes(70_000);
    const { code, stdout, stderr } = await nearput(
      ['upload', '-', '--name', 'piped.txt', '--type', 'text/plain', '--json', '--data', platform.data],
      { cwd: folder, env: env(), input: bytes.toString('base64') },
    );
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'piped.txt',
      size: bytes.toString('base64').length,
      state: 'UPLOADED',
    });
  });
});
