import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, run } from '../support/run.ts';
import type { Program, Recipe } from './programs.ts';

/** The sentence for a program that builds others and is not on this machine. */
const HOW_TO_GET = {
  go: 'install Go 1.26 or later (https://go.dev/doc/install, or your package manager) and put it on the PATH',
  cargo: 'install Rust (https://rustup.rs, or your package manager) and put cargo on the PATH',
  python3: 'install Python 3.10 or later with its venv module (Debian: apt-get install python3-venv)',
  'apt-get': 'install Chromium with your package manager so that `chromium` is on the PATH',
} as const;

const need = (command: keyof typeof HOW_TO_GET, name: string): string => {
  const found = findOnPath(command);
  if (found === undefined)
    throw new Error(`${name} cannot be built here: ${command} is missing; ${HOW_TO_GET[command]}.`);
  return found;
};

/** Builds in a copy of the module, so that Go never rewrites the one in the repository. */
const byGo = async (name: string, packageName: string, folder: string): Promise<void> => {
  const go = need('go', name);
  const scratch = mkdtempSync(join(tmpdir(), `nearput-${name}-`));
  try {
    cpSync(join(dirname(fileURLToPath(import.meta.url)), name), scratch, { recursive: true });
    const output = join(folder, 'bin', name);
    await run(go, ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', output, packageName], { cwd: scratch });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const byCargo = async (name: string, crate: string, version: string, folder: string): Promise<void> =>
  run(need('cargo', name), ['install', '--quiet', crate, '--version', version, '--locked', '--root', folder]);

const byPip = async (name: string, packageName: string, version: string, folder: string): Promise<void> => {
  await run(need('python3', name), ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${packageName}==${version}`];
  await run(join(folder, 'bin', 'python'), pip);
};

const byApt = async (name: string, packageName: string): Promise<void> => {
  const apt = need('apt-get', name);
  if (process.getuid?.() !== 0) {
    throw new Error(`${name} is missing and only root may install it: run \`apt-get install ${packageName}\` as root.`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(apt, ['update', '-q'], { env, quiet: true });
  await run(apt, ['install', '-q', '-y', '--no-install-recommends', packageName], { env, quiet: true });
};

/** Brings one program into `folder` (for `apt`: onto the machine). Throws with a sentence on what is missing. */
export const install = async (name: string, program: Program, folder: string): Promise<void> => {
  const recipe: Recipe = program.recipe;
  if (recipe.by !== 'apt') mkdirSync(folder, { recursive: true });
  switch (recipe.by) {
    case 'go':
      return byGo(name, recipe.package, folder);
    case 'cargo':
      return byCargo(name, recipe.crate, program.version, folder);
    case 'pip':
      return byPip(name, recipe.package, program.version, folder);
    case 'apt':
      return byApt(name, recipe.package);
  }
};
