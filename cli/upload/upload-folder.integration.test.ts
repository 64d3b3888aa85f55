import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { someBytes } from '../../client/testing/client-of.ts';
import { s3Error } from '../../client/testing/fake-upload.ts';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { nearput } from '../../test/support/command.ts';
import { cutOffUpload } from '../testing/cut-off.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((letter) => `${letter}.bin`);
/** Of each file: its own size, so that bytes tell which file was sent. */
const sizeOf = (name: string): number => 500 + NAMES.indexOf(name);
const COMMAND = ['upload', 'photos', '--concurrency', '2', '--json'];

let folder = '';
let served: Awaited<ReturnType<typeof serveCloud>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-folder-'));
  served = await serveCloud({ partSize: 1_000 });
  mkdirSync(join(folder, 'photos'));
  for (const name of NAMES) writeFileSync(join(folder, 'photos', name), someBytes(sizeOf(name)));
});
afterEach(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const TOKEN = 'a.secret.token';
const env = () => ({ NEARPUT_URL: served.url, NEARPUT_TOKEN: TOKEN, NEARPUT_STATE: join(folder, 'state') });
const run = (...words: string[]) => nearput(words, { cwd: folder, env: env() });
const cutOff = (signal: NodeJS.Signals) =>
  cutOffUpload({ cloud: served.cloud, cwd: folder, env: env(), words: COMMAND, puts: 5, signal });
/** What is remembered; a file that a kill left unfinished has a longer name. */
const states = () => readdirSync(join(folder, 'state')).filter((name) => name.endsWith('.upload.jsonl'));
/** Ids of uploads that the last run knew to be finished. */
const finishedIds = (): string[] =>
  states()
    .map((name) => readFileSync(join(folder, 'state', name), 'utf8').split('\n')[0] ?? '')
    .map((line) => JSON.parse(line) as { id: string; finishedAt?: string })
    .flatMap(({ id, finishedAt }) => (finishedAt === undefined ? [] : [id]));
const told = (stdout: string): { readonly id: string; readonly file: string }[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; file: string });
const fileOf = (id: string): string => served.cloud.uploads.get(id)?.body.name ?? '';
/** Names of the files whose bytes reached S3. */
const sent = (): string[] => served.cloud.puts.map(({ id }) => fileOf(id)).toSorted();

describe('nearput upload of a folder', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'that %s interrupted and that is repeated sends no finished file again, and tells of all',
    async (signal) => {
      const cut = await cutOff(signal);
      const finished = finishedIds();
      expect(finished.length).toBeGreaterThanOrEqual(3);
      if (signal === 'SIGINT') {
        expect(cut.code).toBe(130);
        expect(cut.stderr).toContain(`${finished.length} files are finished: run the same command again to go on`);
      }
      const again = await run(...COMMAND);
      expect(again.code, again.stderr).toBe(0);
      const done = finished.map(fileOf);
      expect(sent()).toEqual(NAMES.filter((name) => !done.includes(name)));
      const lines = told(again.stdout);
      expect(lines.map(({ file }) => file)).toEqual(NAMES.map((name) => `photos/${name}`));
      expect(lines.map(({ id }) => id)).toEqual(expect.arrayContaining(finished));
      expect(states()).toEqual([]);
    },
  );

  it('says which files were sent before', async () => {
    await cutOff('SIGKILL');
    const known = finishedIds().length;
    const { stderr } = await run('upload', 'photos');
    expect(stderr.match(/ UPLOADED, all of it sent before\n/g)).toHaveLength(known);
    expect(stderr).toMatch(/8 files, 3\.9 KiB in /);
  });

  it('sends a finished file again that was deleted meanwhile', async () => {
    await cutOff('SIGKILL');
    const finished = finishedIds();
    const [gone = ''] = finished;
    const upload = served.cloud.uploads.get(gone);
    if (upload !== undefined) upload.state = 'ABORTED';
    const again = await run(...COMMAND);
    expect(again.code, again.stderr).toBe(0);
    const done = finished.slice(1).map(fileOf);
    expect(sent()).toEqual(NAMES.filter((name) => !done.includes(name)));
    expect(told(again.stdout).map(({ id }) => id)).not.toContain(gone);
  });

  it('sends a finished file again that has changed, though its name and size are the same', async () => {
    await cutOff('SIGKILL');
    const name = fileOf(finishedIds()[0] ?? '');
    writeFileSync(join(folder, 'photos', name), Buffer.alloc(sizeOf(name), 1));
    await run(...COMMAND);
    expect(sent()).toContain(name);
    expect(served.cloud.puts.find(({ id }) => fileOf(id) === name)?.bytes).toEqual(Buffer.alloc(sizeOf(name), 1));
  });

  it('in which one file failed sends that one alone when it is repeated', async () => {
    served.cloud.setFault(({ bytes }) =>
      bytes.length === sizeOf('c.bin') ? s3Error(403, 'AccessDenied', 'Access Denied') : undefined,
    );
    const first = await run('upload', 'photos');
    expect(first.code).toBe(1);
    expect(first.stderr).toContain('7 files are finished: run the same command again for the rest\n');
    served.cloud.setFault(undefined);
    served.cloud.puts.length = 0;
    expect((await run('upload', 'photos')).code).toBe(0);
    expect(sent()).toEqual(['c.bin']);
  });

  it.each([
    ['after a run that finished, because then it is a new wish', []],
    ['with --no-resume', ['--no-resume']],
  ])('sends everything again %s', async (_, more) => {
    if (more.length === 0) await run(...COMMAND);
    else await cutOff('SIGKILL');
    served.cloud.puts.length = 0;
    expect((await run(...COMMAND, ...more)).code).toBe(0);
    expect(sent()).toEqual(NAMES);
  });

  it('sends as many files at once as it was told, and four unless told', async () => {
    served.cloud.setFault(() => new Promise((resolve) => setTimeout(resolve, 100, undefined)));
    await run(...COMMAND);
    expect(served.cloud.mostRunning()).toBe(2);
    await run('upload', 'photos');
    expect(served.cloud.mostRunning()).toBe(4);
  });

  it('keeps for its owner alone what it needs to go on, and of that neither URL, token nor name', async () => {
    writeFileSync(join(folder, 'photos', 'a.bin'), someBytes(20_000));
    await cutOffUpload({
      cloud: served.cloud,
      cwd: folder,
      env: env(),
      words: [...COMMAND, '--method', 'multipart'],
      puts: 12,
      signal: 'SIGKILL',
    });
    const kept = states().map((name) => {
      expect(statSync(join(folder, 'state', name)).mode & 0o777).toBe(0o600);
      return readFileSync(join(folder, 'state', name), 'utf8');
    });
    expect(kept.some((text) => text.includes('uploadId'))).toBe(true);
    expect(finishedIds().length).toBeGreaterThan(0);
    expect(kept.join('\n')).not.toMatch(/http|127\.0\.0\.1|secret|\.bin|photos/);
  });
});
