import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureTool } from '../../tools/external.ts';

/** A running versitygw: an S3 that nobody of this project wrote. */
export type Versitygw = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  stop(): Promise<void>;
};

const START_MS = 10_000;

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
};

/** Starts versitygw on a free port of 127.0.0.1 over an empty temporary folder, versioning available. Builds it first if it is missing. */
export const startVersitygw = async (region: string): Promise<Versitygw> => {
  const program = await ensureTool('versitygw');
  const folder = await mkdtemp(join(tmpdir(), 'nearput-versitygw-'));
  const [data, versions, sidecar] = ['data', 'versions', 'sidecar'].map((name) => join(folder, name));
  if (data === undefined || versions === undefined || sidecar === undefined) throw new Error('no folders');
  for (const path of [data, versions, sidecar]) await mkdir(path);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { accessKeyId: 'judge', secretAccessKey: 'ju/dge+secret' };
  const child = spawn(
    program,
    [
      '--port',
      `127.0.0.1:${port}`,
      '--region',
      region,
      '--quiet',
      'posix',
      '--versioning-dir',
      versions,
      '--sidecar',
      sidecar,
      data,
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ROOT_ACCESS_KEY: credentials.accessKeyId, ROOT_SECRET_KEY: credentials.secretAccessKey },
    },
  );
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(3_000).then(() => child.kill('SIGKILL'))]);
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_MS;
  while (!(await answers(endpoint))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`versitygw did not start: ${said}`);
    }
    await sleep(50);
  }
  return { endpoint, region, credentials, stop };
};
