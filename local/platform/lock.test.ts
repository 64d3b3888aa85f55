import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { acquireLock, findHolder, type Lock } from './lock.ts';
import { identify, isRunning } from './process-identity.ts';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'nearput-lock-'));
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
});

function sleeper(): ChildProcess {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
  children.push(child);
  return child;
}

function taken(result: Lock | object): Lock {
  if (!('release' in result)) throw new Error('the lock was not given');
  return result;
}

const write = (folder: string, holder: object | string): void =>
  writeFileSync(join(folder, 'platform.lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));

describe('the lock of a data folder', () => {
  it('is given once, and again after its release', () => {
    const folder = newFolder();
    const lock = taken(acquireLock(folder));
    expect(findHolder(folder)?.pid).toBe(process.pid);
    expect(acquireLock(folder)).toMatchObject({ pid: process.pid });
    lock.release();
    expect(findHolder(folder)).toBeUndefined();
    taken(acquireLock(folder)).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused while another process that holds it runs, and taken over when that was killed', async () => {
    const folder = newFolder();
    const child = sleeper();
    const holder = identify(child.pid ?? 0);
    write(folder, { ...holder, startedAt: '2026-01-01T00:00:00.000Z' });
    expect(acquireLock(folder)).toMatchObject({ pid: child.pid, startedAt: '2026-01-01T00:00:00.000Z' });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    taken(acquireLock(folder)).release();
  });

  it('is not mistaken for that of a later process with the same number', () => {
    const folder = newFolder();
    const child = sleeper();
    write(folder, { pid: child.pid, startTime: 'another time', startedAt: '' });
    taken(acquireLock(folder)).release();
  });

  it.each(['', '{', 'null', '{"pid":"1"}'])('is taken over when it holds %j', (text) => {
    const folder = newFolder();
    try {
      write(folder, text);
      taken(acquireLock(folder)).release();
    } finally {
      expect(existsSync(join(folder, 'platform.lock'))).toBe(false);
    }
  });

  it('is left alone by a release that comes after somebody else took it', () => {
    const folder = newFolder();
    const lock = taken(acquireLock(folder));
    write(folder, { pid: 1, startTime: 'x', startedAt: '' });
    lock.release();
    expect(existsSync(join(folder, 'platform.lock'))).toBe(true);
  });
});

describe('a process', () => {
  it('is told from one that ended', async () => {
    const child = sleeper();
    const identity = identify(child.pid ?? 0);
    if (!identity) throw new Error('not found');
    expect(isRunning(identity)).toBe(true);
    expect(isRunning({ ...identity, startTime: '0' })).toBe(false);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
    expect(isRunning(identity)).toBe(false);
  });
});
