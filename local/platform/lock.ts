import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** The platform that holds a data folder. */
export interface LockHolder extends ProcessIdentity {
  /** ISO 8601. */
  readonly startedAt: string;
}

export interface Lock {
  release(): void;
}

/**
 * Takes the data folder for this process, or answers who has it. What a killed process left behind is recognised by its
 * number and start time together, and taken over.
 */
export function acquireLock(data: string): Lock | LockHolder {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const path = lockPath(data);
  const own = identify(process.pid);
  if (!own) throw new Error('this process cannot find itself in the process table');
  const text = JSON.stringify({ ...own, startedAt: new Date().toISOString() });
  const mine = `${path}.${process.pid}`;
  writeFileSync(mine, text, { mode: 0o600 });
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      if (tryLink(mine, path)) return { release: () => release(path, text) };
      const holder = readHolder(path);
      if (holder && isRunning(holder)) return holder;
      removeStale(path, `${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  throw new Error(`the lock ${path} changes hands too fast; try again`);
}

/** Who holds a data folder now. */
export function findHolder(data: string): LockHolder | undefined {
  const holder = readHolder(lockPath(data));
  return holder && isRunning(holder) ? holder : undefined;
}

function lockPath(data: string): string {
  return join(data, 'platform.lock');
}

/** A link appears whole or not at all, and never over another. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves the lock aside and looks again: if another start was faster and it is alive, it is put back. */
function removeStale(path: string, aside: string): void {
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const moved = readHolder(aside);
  if (moved && isRunning(moved)) tryLink(aside, path);
  rmSync(aside, { force: true });
}

function release(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) rmSync(path, { force: true });
}

function readHolder(path: string): LockHolder | undefined {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Partial<LockHolder> | null;
    return typeof value?.pid === 'number' && typeof value.startTime === 'string' ? (value as LockHolder) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
}
