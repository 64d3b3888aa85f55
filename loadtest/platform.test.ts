import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPlatform } from './platform.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nearput-platform-test-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a stand-in for `local/main.ts` with the given source. */
const start = (source: string) => {
  writeFileSync(join(folder, 'main.mjs'), source);
  return startPlatform({ command: process.execPath, args: [join(folder, 'main.mjs')], cwd: folder });
};

const PREAMBLE = `
import { writeFileSync } from 'node:fs';
const [, port, , data] = process.argv.slice(2);
writeFileSync('data.txt', data);
process.on('SIGTERM', () => { writeFileSync('stopped.txt', 'yes'); process.exit(0); });
setInterval(() => undefined, 1000);
`;

describe('the platform of a load test', () => {
  it('is ready when it says so, and is stopped in good order', async () => {
    const platform = await start(`${PREAMBLE}console.log('nearput is ready: http://127.0.0.1:' + port);`);
    expect(platform.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d+$/);
    await platform.stop();
    expect(existsSync(join(folder, 'stopped.txt'))).toBe(true);
  });

  it('takes its temporary folder away', async () => {
    const source = `${PREAMBLE}import { mkdirSync } from 'node:fs'; mkdirSync(data, { recursive: true });
      console.log('nearput is ready: http://127.0.0.1:' + port);
      writeFileSync('data.txt', data);`;
    const platform = await start(source);
    const data = readFileSync(join(folder, 'data.txt'), 'utf8');
    expect(existsSync(data)).toBe(true);
    await platform.stop();
    expect(existsSync(data)).toBe(false);
  });

  it('reports the end of its output when it ends before it is ready', async () => {
    await expect(start("console.error('the port is taken'); process.exit(3);")).rejects.toThrow(
      /ended with 3 before it was ready\nthe port is taken$/,
    );
  });

  it('reports a command that is not there', async () => {
    const missing = startPlatform({ command: join(folder, 'nothing'), args: [], cwd: folder });
    await expect(missing).rejects.toThrow(/cannot be started/);
  });
});
