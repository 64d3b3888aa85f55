import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { programFolder, toolsFolder } from './cache.ts';
import { install } from './install.ts';
import { isProgramName, PROGRAM_NAMES, PROGRAMS } from './programs.ts';

describe('the external programs', () => {
  it.each(['k6', 'versitygw'] as const)('%s has the version that its Go module pins', (name) => {
    const module = readFileSync(fileURLToPath(new URL(`${name}/go.mod`, import.meta.url)), 'utf8');
    const pinned = /^require \S+ v(\S+)$/m.exec(module)?.[1];
    expect(pinned).toBe(PROGRAMS[name].version);
  });

  it('are known by name only', () => {
    expect(PROGRAM_NAMES).toContain('dynoxide');
    expect(isProgramName('toString')).toBe(false);
  });

  it('are kept in NEARPUT_TOOLS, else in the user’s cache folder, by version', () => {
    expect(programFolder('k6', '1.2.3', { NEARPUT_TOOLS: '/srv/tools' })).toBe('/srv/tools/k6-1.2.3');
    expect(toolsFolder({ XDG_CACHE_HOME: '/home/me/cache' })).toBe('/home/me/cache/nearput');
    expect(toolsFolder({}).startsWith(homedir())).toBe(true);
  });

  it.each([
    ['k6', /^k6 cannot be built here: go is missing; install Go/],
    ['dynoxide', /^dynoxide cannot be built here: cargo is missing; install Rust/],
    ['cfn-lint', /^cfn-lint cannot be built here: python3 is missing; install Python/],
    ['chromium', /^chromium cannot be built here: apt-get is missing; install Chromium/],
  ] as const)('%s says what is missing to build it', async (name, reason) => {
    const folder = join('/nonexistent', name);
    await expect(install(name, PROGRAMS[name], folder, '/nonexistent/bin')).rejects.toThrow(reason);
  });
});
