import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { nearput } from '../support/command.ts';
import { create, mint, someFile } from '../support/gateway.ts';

const platform = inject('platform');
const MIB = 1_048_576;
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-command-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...words: string[]) => nearput([...words, '--data', platform.data], { cwd: folder });

describe('nearput', () => {
  it.each<[string, Buffer | string]>([
    ['big.bin', process.execPath],
    ['empty.bin', Buffer.alloc(0)],
    ['one.bin', Buffer.from('x')],
    ['Grüße 日本 🎉.png', randomBytes(MIB)],
  ])('upload and get bring %s back byte for byte', async (name, content) => {
    const bytes = typeof content === 'string' ? readFileSync(content) : content;
    writeFileSync(join(folder, name), bytes);
    const uploaded = await run('upload', name);
    expect(uploaded, uploaded.stderr).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^euw1_[a-z2-7]{71}\n$/),
    });
    const got = await run('get', uploaded.stdout.trim(), '-o', 'copy');
    expect(got, got.stderr).toMatchObject({ code: 0, stdout: '' });
    expect(readFileSync(join(folder, 'copy')).equals(bytes)).toBe(true);
    rmSync(join(folder, name));
    const named = await run('get', uploaded.stdout.trim());
    expect(named, named.stderr).toMatchObject({ code: 0 });
    expect(readFileSync(join(folder, name)).equals(bytes)).toBe(true);
    const again = await run('get', uploaded.stdout.trim());
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('-o FILE') });
    expect(readdirSync(folder).filter((file) => file.endsWith('.part'))).toEqual([]);
  });

  it('--json prints one record a line with its file, and --sha256 lets S3 check', async () => {
    writeFileSync(join(folder, 'a.txt'), 'a');
    writeFileSync(join(folder, 'b.txt'), 'b');
    const { code, stdout, stderr } = await run('upload', 'a.txt', 'b.txt', '--sha256', '--json');
    expect(code, stderr).toBe(0);
    const records = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file: string; state: string; type: string; sha256: string });
    expect(records).toMatchObject([
      {
        file: 'a.txt',
        state: 'UPLOADED',
        type: 'text/plain',
        sha256: 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb',
      },
      { file: 'b.txt', state: 'UPLOADED' },
    ]);
    const listed = await run('ls', '--json');
    expect(listed.stdout).toContain('"name":"b.txt"');
  });

  it('one missing file fails the call but not the others', async () => {
    writeFileSync(join(folder, 'there.txt'), 'x');
    const { code, stdout, stderr } = await run('upload', 'missing.txt', 'there.txt');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^euw1_\S+\n$/);
    expect(stderr).toContain('missing.txt');
  });

  it('rm, show and restore follow one upload', async () => {
    writeFileSync(join(folder, 'follow.txt'), 'x');
    const id = (await run('upload', 'follow.txt')).stdout.trim();
    expect(await run('rm', id)).toMatchObject({ code: 0 });
    expect((await run('show', id, '--json')).stdout).toContain('"state":"DELETED"');
    expect(await run('get', id, '-o', 'gone')).toMatchObject({ code: 1, stderr: expect.stringContaining('DELETED') });
    expect(await run('restore', id)).toMatchObject({ code: 0 });
    expect((await run('show', id)).stdout).toContain('UPLOADED');
  });

  it('a refusal is one sentence with the code and the request, or JSON', async () => {
    const words = await run('show', 'nonsense');
    expect(words).toMatchObject({ code: 1, stdout: '' });
    expect(words.stderr).toMatch(/nearput: .*\(upload_not_found\) \[request .+\]\n$/);
    const json = await run('show', 'nonsense', '--json');
    expect(JSON.parse(json.stderr)).toEqual({
      code: 'upload_not_found',
      detail: expect.any(String),
      requestId: expect.any(String),
    });
  });

  it('token prints the token alone, and whoami takes it from a file, the environment or standard input', async () => {
    const minted = await run(
      'token',
      '--issuer',
      'globex',
      '--sub',
      'cli',
      '--tenant',
      't9',
      '--scope',
      'uploads:read',
      '--expires-in',
      '60',
    );
    expect(minted).toMatchObject({ code: 0, stderr: '' });
    expect(minted.stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const token = minted.stdout.trim();
    const piped = await nearput(['whoami', '--json', '--endpoint', platform.edge, '--token-file', '-'], {
      input: token,
    });
    expect(JSON.parse(piped.stdout)).toMatchObject({
      issuer: 'globex',
      subject: 'cli',
      tenant: 't9',
      permissions: ['uploads:read'],
    });
    const told = await nearput(['whoami', '--json'], { env: { NEARPUT_URL: platform.edge, NEARPUT_TOKEN: token } });
    expect(JSON.parse(told.stdout)).toMatchObject({ subject: 'cli' });
    const found = await nearput(['whoami', '--json', '--data', platform.data], { env: { NEARPUT_TOKEN: token } });
    expect(JSON.parse(found.stdout)).toMatchObject({ issuer: 'local', subject: 'user' });
  });

  it('names from the server steer neither the terminal nor the file system', async () => {
    const token = await mint(platform);
    const { id } = await create(platform, token, { ...someFile().body, name: '../\u001b[31mevil' });
    const shown = await run('show', id);
    expect(shown.stdout).not.toContain('\u001b');
    expect(existsSync(join(folder, '..', 'evil'))).toBe(false);
  });

  it('usage errors exit 2 with a hint', async () => {
    expect(await run('upload')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("missing required argument 'file'"),
    });
    expect(await run('ls', '--state', 'LOST')).toMatchObject({ code: 2, stderr: expect.stringContaining('UPLOADED') });
    expect(await nearput(['ls', '--endpoint', 'http://uploads.example'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('https'),
    });
  });
});
