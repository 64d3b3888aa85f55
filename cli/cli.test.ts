import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findLocalPlatform, parseEndpoint } from './discover.ts';
import { UsageError } from './exit.ts';
import { forFileName, forTerminal } from './sanitise.ts';
import { findPlace, openSession } from './session.ts';
import { readTokenFile } from './token.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const local = { pid: 1, edge: 'http://127.0.0.1:8080', issuer: 'http://127.0.0.1:8081' };
const writeLocal = (content: object): void => {
  mkdirSync(join(folder, '.nearput'), { recursive: true });
  writeFileSync(join(folder, '.nearput', 'local.json'), JSON.stringify(content));
};

describe('names from the server', () => {
  it.each([
    ['../../etc/passwd', '__.._etc_passwd'],
    ['.bashrc', '_bashrc'],
    ['a\u001b[31mred', 'a?[31mred'],
    ['invoice\u202efdp.exe', 'invoice?fdp.exe'],
    ['nul.txt', '_nul.txt'],
    ['', 'download'],
    ['Grüße 日本.png', 'Grüße 日本.png'],
    ['C:\\x', 'C__x'],
  ])('%j becomes the file name %j', (name, expected) => {
    expect(forFileName(name)).toBe(expected.replaceAll('?', forFileName('?')));
  });

  it('keeps the ending of a long name and stays below what file systems take', () => {
    const name = forFileName(`${'日'.repeat(255)}.png`);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
    expect(name.endsWith('.png')).toBe(true);
  });

  it('never steer a terminal', () => {
    expect(forTerminal('a\u0007\u001b]0;x\u2066\n')).toBe('a??]0;x??');
  });
});

describe('endpoint', () => {
  it.each([
    ['https://uploads.example/x', 'https://uploads.example'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['http://localhost:1', 'http://localhost:1'],
  ])('takes %s', (given, origin) => {
    expect(parseEndpoint(given)).toBe(origin);
  });

  it.each(['http://uploads.example', 'http://127.0.0.1.example', 'ftp://127.0.0.1', 'uploads'])(
    'refuses %s',
    (given) => {
      expect(() => parseEndpoint(given)).toThrow(UsageError);
    },
  );
});

describe('an endpoint that cannot be', () => {
  it.each<[string, RegExp, RegExp]>([
    ['ftp://uploads.example', /only these are possible/, /in the clear/],
    ['localhost:8080', /neither https:\/\/ nor http:\/\//, /in the clear/],
    ['http://uploads.example', /in the clear; use https/, /only these/],
  ])('%s is refused with its own reason', (given, says, saysNot) => {
    expect(() => parseEndpoint(given)).toThrow(says);
    expect(() => parseEndpoint(given)).not.toThrow(saysNot);
  });
});

describe('discovery', () => {
  it('finds the local platform from a folder below it', () => {
    writeLocal(local);
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    expect(findLocalPlatform({ data: undefined, from: below })?.edge).toBe(local.edge);
  });

  it('does not trust a file that names another machine', () => {
    writeLocal({ ...local, edge: 'http://10.0.0.1:8080' });
    expect(() => findLocalPlatform({ data: undefined, from: folder })).toThrow('another machine');
  });

  it('never sends the token of the environment to a platform that was merely found', async () => {
    writeLocal(local);
    const notices: string[] = [];
    const environment = { env: { NEARPUT_TOKEN: 'secret' }, cwd: folder, notice: (line: string) => notices.push(line) };
    openSession({}, environment).close();
    expect(notices).toEqual(['using the local platform at http://127.0.0.1:8080 with a token of its test issuer']);
  });

  it('says how to start a platform again whose process is gone', () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    writeLocal({ ...local, pid });
    const notices: string[] = [];
    openSession({}, { env: {}, cwd: folder, notice: (line) => notices.push(line) }).close();
    expect(notices).toEqual([
      `using the local platform at http://127.0.0.1:8080 with a token of its test issuer; its process ${pid} is gone: if it does not answer, npm start begins it anew`,
    ]);
  });

  it.each([
    ['half a file', '{'],
    ['another file', '{"pid":1}'],
    ['a list', '[]'],
  ])('names the file when it is %s', (_, text) => {
    writeLocal({});
    const path = join(folder, '.nearput', 'local.json');
    writeFileSync(path, text);
    const find = () => findLocalPlatform({ data: undefined, from: folder });
    expect(find).toThrow(UsageError);
    expect(find).toThrow(`${path} is not a local platform's file`);
  });

  it('asks for a token when the endpoint was told', () => {
    expect(() =>
      openSession({ endpoint: 'https://uploads.example' }, { env: {}, cwd: folder, notice: () => undefined }),
    ).toThrow('no token');
  });

  it('names a token file that is not there', () => {
    const missing = join(folder, 'token');
    expect(() => readTokenFile(missing)).toThrow(UsageError);
    expect(() => readTokenFile(missing)).toThrow(`--token-file: there is no file ${missing}`);
  });

  it('says what to do when there is nothing to talk to', () => {
    expect(() => findPlace({}, { env: {}, cwd: folder, notice: () => undefined })).toThrow('npm start');
  });
});
