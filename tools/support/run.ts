import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where and how a command runs. `quiet` keeps its output back unless it fails. */
export type RunOptions = {
  readonly cwd?: string;
  /** Added to this process's environment; `undefined` takes a variable out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly quiet?: boolean;
};

/** Absolute path of an executable on the search path, or `undefined`. */
export const findOnPath = (command: string, path: string = process.env['PATH'] ?? ''): string | undefined =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((candidate) => existsSync(candidate));

/** Runs a command to its end and gives its exit code; its output goes to standard error, standard input is empty. Throws when it cannot start. */
export const exitCodeOf = (command: string, args: readonly string[], options: RunOptions = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const quiet = options.quiet === true;
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', quiet ? 'pipe' : process.stderr, quiet ? 'pipe' : process.stderr],
    });
    const held: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => held.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => held.push(chunk));
    child.once('error', (cause) => reject(new Error(`cannot run ${command}: ${cause.message}`, { cause })));
    child.once('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(held));
      resolve(code ?? 1);
    });
  });

/** Runs a command to its end; throws when it exits with anything but 0. */
export const run = async (command: string, args: readonly string[], options: RunOptions = {}): Promise<void> => {
  const code = await exitCodeOf(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${code}`);
};

/** Runs a command on this process's own streams; gives its exit code, 1 when a signal ended it. Throws when it cannot start. */
export const spawnInherited = (command: string, args: readonly string[], options: RunOptions = {}): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: { ...process.env, ...options.env }, stdio: 'inherit' });
    child.once('error', (cause) => reject(new Error(`cannot run ${command}: ${cause.message}`, { cause })));
    child.once('close', (code) => resolve(code ?? 1));
  });
