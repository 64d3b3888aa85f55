import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, run } from '../support/run.ts';
import type { Program, Recipe } from './programs.ts';

/** What each recipe runs, and the sentence for a machine that lacks it. */
const BUILDERS = {
  go: {
    command: 'go',
    cure: 'install Go 1.26 or later (https://go.dev/doc/install, or your package manager) and put it on the PATH',
  },
  cargo: {
    command: 'cargo',
    cure: 'install Rust (https://rustup.rs, or your package manager) and put cargo on the PATH',
  },
  pip: {
    command: 'python3',
    cure: 'install Python 3.10 or later with its venv module (Debian: apt-get install python3-venv)',
  },
  apt: { command: 'apt-get', cure: 'install Chromium with your package manager so that `chromium` is on the PATH' },
} as const satisfies Record<Recipe['by'], { command: string; cure: string }>;

/** Builds in a copy of the module, so that Go never rewrites the one in the repository. */
const byGo = async (go: string, name: string, packageName: string, folder: string): Promise<void> => {
  const scratch = mkdtempSync(join(tmpdir(), `nearput-${name}-`));
  try {
    cpSync(join(dirname(fileURLToPath(import.meta.url)), name), scratch, { recursive: true });
    const output = join(folder, 'bin', name);
    await run(go, ['build', '-mod=mod', '-trimpath', '-ldflags=-s -w', '-o', output, packageName], { cwd: scratch });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};

const byCargo = (cargo: string, crate: string, version: string, folder: string): Promise<void> =>
  run(cargo, ['install', '--quiet', crate, '--version', version, '--locked', '--root', folder]);

const byPip = async (python: string, packageName: string, version: string, folder: string): Promise<void> => {
  await run(python, ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `${packageName}==${version}`];
  await run(join(folder, 'bin', 'python'), pip);
};

const byApt = async (apt: string, name: string, packageName: string): Promise<void> => {
  if (process.getuid?.() !== 0) {
    throw new Error(`${name} is missing and only root may install it: run \`apt-get install ${packageName}\` as root.`);
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run(apt, ['update', '-q'], { env, quiet: true });
  await run(apt, ['install', '-q', '-y', '--no-install-recommends', packageName], { env, quiet: true });
};

/**
 * Brings one program into `folder` (for `apt`: onto the machine). `path` is where builders are looked for, by default
 * the search path. Throws with a sentence on what to install when the builder is missing.
 */
export const install = async (name: string, program: Program, folder: string, path?: string): Promise<void> => {
  const { recipe } = program;
  const { command, cure } = BUILDERS[recipe.by];
  const builder = findOnPath(command, path);
  if (builder === undefined) throw new Error(`${name} cannot be built here: ${command} is missing; ${cure}.`);
  if (recipe.by === 'apt') return byApt(builder, name, recipe.package);
  mkdirSync(folder, { recursive: true });
  if (recipe.by === 'go') return byGo(builder, name, recipe.package, folder);
  if (recipe.by === 'cargo') return byCargo(builder, recipe.crate, program.version, folder);
  return byPip(builder, recipe.package, program.version, folder);
};
