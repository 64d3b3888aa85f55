import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveCloud } from '../../client/testing/serve-cloud.ts';
import { nearput } from '../../test/support/command.ts';

let folder = '';
let served: Awaited<ReturnType<typeof serveCloud>>;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-hidden-'));
  served = await serveCloud();
  mkdirSync(join(folder, 'site', '.git', 'objects'), { recursive: true });
  mkdirSync(join(folder, 'site', 'deep'));
  for (const [name, text] of [
    ['site/.env', 'secret'],
    ['site/.git/config', 'x'],
    ['site/.git/objects/a', 'x'],
    ['site/a.txt', 'abc'],
    ['site/deep/.hidden', 'x'],
    ['site/deep/b.txt', 'de'],
  ] as const)
    writeFileSync(join(folder, name), text);
});
afterEach(() => {
  served.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (...words: string[]) =>
  nearput(words, {
    cwd: folder,
    env: { NEARPUT_URL: served.url, NEARPUT_TOKEN: 't', NEARPUT_STATE: join(folder, 'state') },
  });
const paths = () =>
  served.cloud.calls
    .filter(({ route }) => route === 'create')
    .map(({ body }) => (body as { metadata?: { path: string } }).metadata?.path)
    .toSorted();

describe('nearput upload of a folder with hidden files', () => {
  it('says beforehand how much comes, leaves hidden files and folders out, and says how many', async () => {
    const { code, stderr } = await run('upload', 'site');
    expect(code, stderr).toBe(0);
    expect(paths()).toEqual(['site/a.txt', 'site/deep/b.txt']);
    expect(stderr.split('\n')[0]).toBe(
      'uploading 2 files, 5 B; left out 3 hidden (names that begin with a dot): --hidden takes them too',
    );
  });

  it('takes them with --hidden', async () => {
    const { code, stderr } = await run('upload', 'site', '--hidden');
    expect(code, stderr).toBe(0);
    expect(paths()).toEqual([
      'site/.env',
      'site/.git/config',
      'site/.git/objects/a',
      'site/a.txt',
      'site/deep/.hidden',
      'site/deep/b.txt',
    ]);
    expect(stderr.split('\n')[0]).toBe('uploading 6 files, 14 B');
  });

  it('takes what was named itself, hidden or not', async () => {
    const { code, stderr } = await run('upload', 'site/.git', 'site/.env');
    expect(code, stderr).toBe(0);
    expect(served.cloud.calls.filter(({ route }) => route === 'create')).toHaveLength(3);
    expect(stderr.split('\n')[0]).toBe('uploading 3 files, 8 B');
  });

  it('says nothing beforehand of files that were named one by one', async () => {
    const { stderr } = await run('upload', 'site/a.txt', 'site/deep/b.txt');
    expect(stderr).not.toContain('uploading');
  });
});
