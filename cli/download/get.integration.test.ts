import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNodeTransport } from '../../client/node/transport.ts';
import { bytesSource } from '../../client/testing/bytes-source.ts';
import { clientOf, someBytes } from '../../client/testing/client-of.ts';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { nearput } from '../../test/support/command.ts';

const LAUNCHER = new URL('../nearput.js', import.meta.url).pathname;
const BYTES = someBytes(300_000);

let folder = '';
let served: Awaited<ReturnType<typeof serveCloud>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-get-'));
  served = await serveCloud({ partSize: 100_000 });
});
afterEach(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ NEARPUT_URL: served.url, NEARPUT_TOKEN: 't', NEARPUT_STATE: join(folder, 'state') });
const run = (...words: string[]) => nearput(words, { cwd: folder, env: env() });
const left = () => readdirSync(folder).filter((name) => name.endsWith('.part'));
const stored = async (how: object = {}) => {
  const transport = createNodeTransport();
  const { client } = clientOf({ transport }, { endpoint: served.url });
  await client.upload(bytesSource(BYTES), how);
  transport.close();
};

/** Runs `get` and kills it when 100,000 bytes have come; the server then says no more. */
const killed = async (signal: NodeJS.Signals) => {
  served.cloud.cutDownload = () => 100_000;
  served.cloud.hang = true;
  const child = spawn(process.execPath, [LAUNCHER, 'get', 'euw1_1'], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env() },
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString('utf8');
  });
  const timer = setInterval(() => {
    const [name] = left();
    if (name === undefined || statSync(join(folder, name)).size < 100_000) return;
    clearInterval(timer);
    child.kill(signal);
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(timer);
  served.cloud.cutDownload = undefined;
  served.cloud.hang = false;
  served.cloud.downloads.length = 0;
  return { code, stderr };
};

describe('nearput get', () => {
  it('takes a broken connection up again by Range with If-Match', async () => {
    await stored();
    served.cloud.cutDownload = (start) => (start < 200_000 ? 100_000 : undefined);
    const { code, stderr } = await run('get', 'euw1_1');
    expect(code, stderr).toBe(0);
    expect(served.cloud.downloads).toEqual([
      { start: 0, ifMatch: undefined },
      { start: 100_000, ifMatch: '"e"' },
      { start: 200_000, ifMatch: '"e"' },
    ]);
    expect(readFileSync(join(folder, 'bytes.bin')).equals(BYTES)).toBe(true);
    expect(left()).toEqual([]);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('after %s the next call goes on where it stopped', async (signal) => {
    await stored();
    const cut = await killed(signal);
    if (signal === 'SIGINT')
      expect(cut).toMatchObject({ code: 130, stderr: expect.stringContaining('run the same command again') });
    expect(left()).toHaveLength(1);
    const again = await run('get', 'euw1_1');
    expect(again.code, again.stderr).toBe(0);
    expect(served.cloud.downloads).toEqual([{ start: 100_000, ifMatch: '"e"' }]);
    expect(readFileSync(join(folder, 'bytes.bin')).equals(BYTES)).toBe(true);
    expect(left()).toEqual([]);
  });

  it('keeps nothing of what turns out to be wrong', async () => {
    await stored();
    await killed('SIGKILL');
    const [name = ''] = left();
    writeFileSync(join(folder, name), Buffer.alloc(100_000, 1));
    expect(await run('get', 'euw1_1')).toMatchObject({ code: 1, stderr: expect.stringContaining('crc64nvme') });
    expect(left()).toEqual([]);
    expect((await run('get', 'euw1_1')).code).toBe(0);
    expect(readFileSync(join(folder, 'bytes.bin')).equals(BYTES)).toBe(true);
  });

  it('checks the composite SHA-256 of an upload in hashed parts', async () => {
    await stored({ method: 'multipart', partChecksum: 'sha256' });
    expect((await run('get', 'euw1_1')).code).toBe(0);
    expect(readFileSync(join(folder, 'bytes.bin')).equals(BYTES)).toBe(true);
  });

  it('does not even begin when the name is taken, and replaces it with -o', async () => {
    await stored();
    writeFileSync(join(folder, 'bytes.bin'), 'mine');
    expect(await run('get', 'euw1_1')).toMatchObject({ code: 1, stderr: expect.stringContaining('-o FILE') });
    expect(served.cloud.downloads).toEqual([]);
    expect((await run('get', 'euw1_1', '-o', 'bytes.bin')).code).toBe(0);
    expect(readFileSync(join(folder, 'bytes.bin')).equals(BYTES)).toBe(true);
  });

  it('says in words that there is no folder to write to', async () => {
    await stored();
    const { code, stderr } = await run('get', 'euw1_1', '-o', 'no/where.bin');
    expect(code).toBe(1);
    expect(stderr).toContain('no: make it, or choose another place with -o FILE\n');
    expect(stderr).not.toContain('ENOENT');
  });

  it('to standard output survives a broken connection too', async () => {
    const text = Buffer.alloc(300_000, 'x');
    const transport = createNodeTransport();
    await clientOf({ transport }, { endpoint: served.url }).client.upload(bytesSource(text));
    transport.close();
    served.cloud.cutDownload = (start) => (start === 0 ? 100_000 : undefined);
    const { code, stdout } = await run('get', 'euw1_1', '-o', '-');
    expect({ code, same: stdout === text.toString() }).toEqual({ code: 0, same: true });
  });
});
