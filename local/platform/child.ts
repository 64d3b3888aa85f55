import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A child process of the platform that has started its services. */
export interface PlatformChild<Command, Ready, Stats> {
  /** What it said when it was ready. */
  readonly ready: Ready;
  send(command: Command): void;
  stats(): Promise<Stats | null>;
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

type Report = { readonly type: string; readonly id?: number; readonly message?: string; readonly stats?: unknown };

const STATS_MS = 1_000;

/**
 * Forks `module`, sends it `start` and resolves with its `ready` report. Rejects with what it says when it fails, or when it
 * ends first. `died` hears when it ends later without having been asked to.
 */
export async function startChild<Command extends { readonly type: string }, Ready, Stats>(options: {
  readonly name: string;
  readonly module: string;
  readonly logPath: string;
  readonly start: Command;
  readonly died: (sentence: string) => void;
}): Promise<PlatformChild<Command, Ready, Stats>> {
  const log = openSync(options.logPath, 'a', 0o600);
  const child = fork(options.module, [], { stdio: ['ignore', log, log, 'ipc'], execArgv: [] });
  closeSync(log);
  const waiting = new Map<number, (stats: Stats | null) => void>();
  let stopping = false;
  let nextId = 0;

  const ready = await new Promise<Ready>((resolve, reject) => {
    child.on('message', (message: unknown) => {
      const report = message as Report;
      if (report.type === 'ready') resolve(message as Ready);
      if (report.type === 'failed') reject(new Error(`${options.name}: ${report.message}`));
      if (report.type === 'stats') waiting.get(report.id ?? -1)?.(report.stats as Stats);
    });
    child.once('exit', (code, signal) => {
      const sentence = `${options.name} ended by itself (${signal ?? `exit status ${code}`}); see ${options.logPath}`;
      reject(new Error(sentence));
      if (!stopping) options.died(sentence);
    });
    child.on('error', reject); // stays: a message to a child that has just died is an error event too
    child.send(options.start);
  }).catch((error: unknown) => {
    stopping = true;
    child.kill('SIGKILL');
    throw error;
  });

  return {
    ready,
    send: (command) => void child.send(command),
    stats() {
      const id = nextId++;
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(null), STATS_MS);
        const settle = (stats: Stats | null): void => {
          clearTimeout(timer);
          waiting.delete(id);
          resolve(stats);
        };
        waiting.set(id, settle);
        child.send({ type: 'stats', id });
      });
    },
    stop(graceMs) {
      stopping = true;
      return end(child, graceMs);
    },
  };
}

function end(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    if (child.connected) child.send({ type: 'stop' });
  });
}
