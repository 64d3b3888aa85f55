import { spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A local platform that belongs to this load test. */
export type Platform = { readonly endpoint: string; readonly stop: () => Promise<void> };

/** How to start it; the defaults are what `npm run loadtest` uses. */
export type PlatformOptions = { readonly command: string; readonly args: readonly string[]; readonly cwd: string };

const READY = /nearput is ready: (http:\/\/\S+)/;
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 15_000;

/** Characters of the platform's last output that a failure reports. */
const TAIL_CHARACTERS = 4_000;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/**
 * Starts the local platform on a free port and a temporary folder, and waits until it says that it is ready.
 * `stop` ends it and removes the folder. Throws with the end of its output when it ends or stays silent.
 */
export const startPlatform = async ({ command, args, cwd }: PlatformOptions): Promise<Platform> => {
  const folder = mkdtempSync(join(tmpdir(), 'nearput-loadtest-'));
  const logPath = join(folder, 'platform.log');
  const log = createWriteStream(logPath);
  const port = await freePort();
  // A group of its own: Ctrl-C reaches the load test alone, which then stops the platform in good order.
  const child = spawn(command, [...args, '--port', String(port), '--data', join(folder, 'data')], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));

  const clean = async (): Promise<void> => {
    await new Promise<void>((resolve) => log.end(() => resolve()));
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };

  const stop = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(timer);
    await clean();
  };

  // Kept here and not read from the file, which may not hold the last lines yet when the process is gone.
  let heard = '';
  const listen = (chunk: Buffer): void => {
    heard = (heard + chunk.toString()).slice(-TAIL_CHARACTERS);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  const tail = (): string => heard.trimEnd().split('\n').slice(-15).join('\n');
  try {
    const endpoint = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`the local platform was not ready within ${READY_WITHIN_MS / 1_000} s\n${tail()}`)),
        READY_WITHIN_MS,
      );
      let said = '';
      child.stdout.on('data', (chunk: Buffer) => {
        if (said.length < 100_000) said += chunk.toString();
        const url = READY.exec(said)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
      child.once('error', (cause) => {
        clearTimeout(timer);
        reject(new Error(`the local platform cannot be started: ${cause.message}`, { cause }));
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        if (child.pid === undefined) return; // it never began: 'error' has said so
        reject(new Error(`the local platform ended with ${code} before it was ready\n${tail()}`));
      });
    });
    return { endpoint, stop };
  } catch (error) {
    await (child.pid === undefined ? clean() : stop());
    throw error;
  }
};
