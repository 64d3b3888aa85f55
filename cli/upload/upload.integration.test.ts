import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someBytes } from '../../client/testing/client-of.ts';
import { s3Error } from '../../client/testing/fake-upload.ts';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { nearput } from '../../test/support/command.ts';
import { cutOffUpload } from '../testing/cut-off.ts';

let folder = '';
let served: Awaited<ReturnType<typeof serveCloud>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-upload-'));
  served = await serveCloud({ partSize: 1_000 });
});
afterEach(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const env = () => ({ NEARPUT_URL: served.url, NEARPUT_TOKEN: 't', NEARPUT_STATE: join(folder, 'state') });
const run = (words: readonly string[], input = '') => nearput(words, { cwd: folder, env: env(), input });
const put = (name: string, bytes: Buffer | string) => writeFileSync(join(folder, name), bytes);
const objects = () => [...served.cloud.uploads.values()].map(({ object }) => object);
const states = () => readdirSync(join(folder, 'state'));

const cutOff = (words: readonly string[], puts: number, signal: NodeJS.Signals) =>
  cutOffUpload({ cloud: served.cloud, cwd: folder, env: env(), words, puts, signal });

describe('nearput upload', () => {
  it('brings files and folders, each once, and tells of them in their order with a total', async () => {
    mkdirSync(join(folder, 'photos', 'deep'), { recursive: true });
    for (const [name, size] of [
      ['photos/b.png', 10],
      ['photos/deep/c.txt', 2_500],
      ['photos/a.png', 0],
      ['z.bin', 5],
    ] as const)
      put(name, someBytes(size));
    symlinkSync('/etc/hostname', join(folder, 'photos', 'link'));
    const { code, stdout, stderr } = await run(['upload', 'z.bin', 'photos', '--json']);
    expect(code, stderr).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; size: number });
    expect(lines).toMatchObject([
      { file: 'z.bin', size: 5 },
      { file: 'photos/a.png', size: 0 },
      { file: 'photos/b.png', size: 10 },
      { file: 'photos/deep/c.txt', size: 2_500 },
    ]);
    const bodies = served.cloud.calls.filter(({ route }) => route === 'create').map(({ body }) => body);
    expect(bodies).toEqual(
      expect.arrayContaining([
        { name: 'z.bin', size: 5, type: 'application/octet-stream' },
        { name: 'c.txt', size: 2_500, type: 'text/plain', metadata: { path: 'photos/deep/c.txt' } },
      ]),
    );
    const words = await run(['upload', 'z.bin', 'photos']);
    expect(words.stderr).toContain('photos/link: skipped, it is a link\n');
    expect(words.stderr).toMatch(/4 files, 2\.5 KiB in \d+\.\d s \(.*\/s\)\n$/);
    expect(words.stdout.trim().split('\n')).toHaveLength(4);
  });

  it('a file that fails does not stop the others, and the exit code tells', async () => {
    served.cloud.setFault(({ bytes }) =>
      bytes.length === 7 ? s3Error(403, 'AccessDenied', 'Access Denied') : undefined,
    );
    put('good.bin', someBytes(5));
    put('bad.bin', someBytes(7));
    const { code, stdout, stderr } = await run(['upload', 'bad.bin', 'missing.bin', 'good.bin']);
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
    expect(stderr).toMatch(/bad\.bin: S3 refused: AccessDenied/);
    expect(stderr).toContain('nearput: there is no file missing.bin: check its name');
    expect(stderr).not.toContain('ENOENT');
    expect(stderr).toMatch(/\n1 file, .*, 2 failed\n1 file is finished: run the same command again for the rest\n$/);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'goes on after %s with what S3 has not, and forgets when it is done',
    async (signal) => {
      const bytes = someBytes(20_000);
      put('big.bin', bytes);
      const words = ['upload', 'big.bin', '--method', 'multipart'];
      const cut = await cutOff(words, 10, signal);
      if (signal === 'SIGINT') {
        expect(cut.code).toBe(130);
        expect(cut.stderr).toContain('run the same command again to go on');
      }
      expect(states()).toHaveLength(1);
      const again = await run(words);
      expect(again.code, again.stderr).toBe(0);
      expect(again.stderr).toMatch(/big\.bin: 19\.5 KiB in euw1, UPLOADED, .* of it sent before\n/);
      expect(objects()).toEqual([bytes]);
      // Ten parts were stored; at most one on each of four connections had to be sent twice.
      expect(served.cloud.puts.length).toBeLessThanOrEqual(14);
      expect(served.cloud.puts.length).toBeGreaterThanOrEqual(10);
      expect(states()).toEqual([]);
    },
  );

  it('begins anew with --no-resume, and when the file has changed', async () => {
    put('big.bin', someBytes(20_000));
    const words = ['upload', 'big.bin', '--method', 'multipart'];
    await cutOff(words, 10, 'SIGKILL');
    expect((await run([...words, '--no-resume'])).stdout).toBe('euw1_2\n');
    put('big.bin', Buffer.alloc(20_000, 1));
    expect((await run(words)).stdout).toBe('euw1_3\n');
  });

  it('takes standard input under the name it is given', async () => {
    const { code, stdout, stderr } = await run(['upload', '-', '--name', 'piped.txt', '--type', 'text/plain'], 'hello');
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: 'euw1_1\n' });
    expect(objects()).toEqual([Buffer.from('hello')]);
    expect(served.cloud.calls[0]?.body).toEqual({ name: 'piped.txt', size: 5, type: 'text/plain' });
  });

  it('refuses more standard input than its limit, and says how to raise it', async () => {
    const { code, stdout, stderr } = await run(['upload', '-', '--stdin-limit', '4'], 'hello');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('--stdin-limit');
    expect(objects()).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('nearput-stdin-'))).toEqual([]);
  });

  it.each<[string, string[], object]>([
    ['one PUT', ['--sha256'], { sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824' }],
    ['parts', ['--sha256', '--method', 'multipart'], { method: 'multipart', partChecksum: 'sha256' }],
    ['parts of a size', ['--part-size', '6MiB', '--method', 'multipart'], { method: 'multipart', partSize: 6_291_456 }],
    ['a small file with a part size', ['--part-size', '6MiB'], {}],
    ['a form', ['--method', 'form'], { method: 'form' }],
  ])('asks for %s', async (_, words, wishes) => {
    put('hello.txt', 'hello');
    const { code, stderr } = await run(['upload', 'hello.txt', ...words]);
    expect(code, stderr).toBe(0);
    expect(served.cloud.calls[0]?.body).toEqual({ name: 'hello.txt', size: 5, type: 'text/plain', ...wishes });
    expect(objects()).toEqual([Buffer.from('hello')]);
  });

  it.each([
    [['--part-size', '4MiB'], '--part-size'],
    [['--part-size', '5MB'], '--part-size'],
    [['--part-size', '8MiB', '--method', 'put'], '--method put'],
    [['--method', 'carrier-pigeon'], 'multipart'],
    [['--concurrency', '0'], '--concurrency'],
    [['--stdin-limit', 'much'], '--stdin-limit'],
    [['-', '--token', '-'], 'standard input'],
  ])('takes %j for a wrong call', async (words, hint) => {
    put('hello.txt', 'hello');
    expect(await run(['upload', 'hello.txt', ...words])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(hint),
    });
    expect(served.cloud.calls).toEqual([]);
  });

  it('still uploads when its state cannot be kept, and says so', async () => {
    put('state', 'a file where the folder should be');
    put('big.bin', someBytes(3_000));
    const { code, stderr } = await run(['upload', 'big.bin', '--method', 'multipart']);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('cannot be resumed');
    expect(objects()).toEqual([someBytes(3_000)]);
  });
});

describe('nearput abort', () => {
  it('of a finished upload names the command that removes it', async () => {
    put('hello.txt', 'hello');
    await run(['upload', 'hello.txt']);
    const { code, stderr } = await run(['abort', 'euw1_1']);
    expect(code).toBe(1);
    expect(stderr).toContain('nearput rm ID removes the upload. (already_complete)');
    expect(stderr).not.toContain('DELETE');
    expect(objects()).toEqual([Buffer.from('hello')]);
  });
});

describe('nearput parts', () => {
  it('prints what S3 has and what is missing', async () => {
    put('big.bin', someBytes(20_000));
    await cutOff(['upload', 'big.bin', '--method', 'multipart', '--concurrency', '1'], 10, 'SIGKILL');
    served.cloud.uploads.get('euw1_1')?.parts.delete(3);
    const { code, stdout } = await run(['parts', 'euw1_1']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '9 of 20 parts of 1000 B\nmissing 3, 11–20\n' });
    const json = await run(['parts', 'euw1_1', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      partCount: 20,
      missing: [3, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
    });
  });
});
