import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; the same for as long as the process lives. */
  readonly startTime: string;
}

/** Identity of a running process; undefined: there is none with this number. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startTime = process.platform === 'linux' ? linuxStat(pid)?.startTime : portableStartTime(pid);
  return startTime === undefined ? undefined : { pid, startTime };
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** Parent of a process, where the system tells it; undefined elsewhere. */
export function parentOf(pid: number): number | undefined {
  return process.platform === 'linux' ? linuxStat(pid)?.ppid : undefined;
}

/** Whether a process is a shell that only runs one command for somebody else, as npm's `sh -c`. */
export function isCommandShell(pid: number): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const [program = '', flag] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return /(^|\/)(sh|bash|dash|zsh)$/.test(program) && flag === '-c';
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** Fields 4 and 22 of `/proc/{pid}/stat`; the name before them may hold spaces and brackets. Zombies count as gone. */
function linuxStat(pid: number): { ppid: number; startTime: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { ppid: Number(fields[1]), startTime: fields[19] ?? '' };
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function portableStartTime(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined;
  } catch (error) {
    if (error instanceof Error && 'status' in error) return undefined; // ps exits with 1 when there is no such process
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
