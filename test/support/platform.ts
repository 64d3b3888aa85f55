import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leaksIn } from './leaks.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 10_000;

/** One Region as `local.json` names it. */
export type LocalRegion = {
  readonly name: string;
  readonly api: string;
  readonly s3: string;
  readonly bucket: string;
  readonly registryBucket: string;
  readonly queueUrl: string;
  readonly dynamodb: string;
  readonly table: string;
};

export type LocalJson = {
  readonly pid: number;
  readonly version: string;
  readonly data: string;
  readonly edge: string;
  readonly issuer: string;
  readonly regions: Readonly<Record<string, LocalRegion>>;
  readonly admin: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** A running local platform in a folder of its own. */
export type Platform = LocalJson & {
  /** Ends it as `npm stop` would; gives the exit code. */
  readonly stop: () => Promise<number | null>;
  /** Ends it without any warning. */
  readonly kill: () => Promise<void>;
  /** Everything it printed. */
  readonly output: () => string;
  /** Removes its folder; throws if its logs held a token, signature, key or signed query. */
  readonly remove: () => void;
};

/** A TCP port nobody listens on now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address === null || typeof address === 'string' ? reject(new Error('no port')) : resolve(address.port),
      );
    });
  });

/** A fresh data folder under the system's temporary folder. */
export const temporaryData = (): string => mkdtempSync(join(tmpdir(), 'nearput-e2e-'));

const exitOf = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((resolve) => child.once('exit', (code) => resolve(code)));

const within = <Value>(promise: Promise<Value>, milliseconds: number, what: string): Promise<Value> => {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

/** Starts the platform as `npm start` does and waits until it says that it is ready. */
export const startPlatform = async (
  options: { readonly data?: string; readonly port?: number; readonly arguments?: readonly string[] } = {},
): Promise<Platform> => {
  const data = options.data ?? temporaryData();
  const port = options.port ?? (await freePort());
  const child = spawn(
    process.execPath,
    [join(ROOT, 'local', 'main.ts'), '--port', String(port), '--data', data, ...(options.arguments ?? [])],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'], env: process.env },
  );
  let printed = '';
  const ready = new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      printed += chunk.toString('utf8');
      if (printed.includes('nearput is ready: ')) resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`the platform ended with ${code} before it was ready:\n${printed}`)));
  });
  try {
    await within(ready, READY_WITHIN_MS, 'the platform was not ready');
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const local = JSON.parse(readFileSync(join(data, 'local.json'), 'utf8')) as LocalJson;
  return {
    ...local,
    output: () => printed,
    stop: () => {
      child.kill('SIGTERM');
      return within(exitOf(child), STOPPED_WITHIN_MS, 'the platform did not stop');
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exitOf(child);
    },
    remove: () => {
      const leaks = leaksIn(data);
      rmSync(data, { recursive: true, force: true });
      if (leaks.length > 0) throw new Error(`the logs of the platform hold ${leaks.join(', ')}`);
    },
  };
};
