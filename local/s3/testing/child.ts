import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Command, S3Options, S3Report } from '../options.ts';
import { clientOf } from '../suite/requests.ts';
import { ADMIN, temporaryFolder, testBucket, testOptions, testRegion } from './platform.ts';
import { openQueue, type Queue } from './queue.ts';

const CHILD = fileURLToPath(new URL('../child.ts', import.meta.url));

/** A running S3 process with a client that adds no checksums. */
export interface Started {
  readonly child: ChildProcess;
  readonly client: S3Client;
  readonly url: string;
}

/** A folder, a queue, and S3 processes one after the other on them. */
export interface Stage {
  readonly folder: string;
  readonly queue: Queue;
  readonly optionsOf: (more?: Partial<S3Options>) => S3Options;
  readonly start: (more?: Partial<S3Options>) => Promise<Started>;
  /** A process that was told nothing yet. */
  readonly spawn: () => ChildProcess;
  readonly kill: (child: ChildProcess) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens a stage; its bucket `bucket-eu` tells the queue of everything under `u/`. */
export async function openStage(): Promise<Stage> {
  const folder = await temporaryFolder();
  const queue = await openQueue();
  const children = new Set<ChildProcess>();

  const optionsOf: Stage['optionsOf'] = (more = {}) => {
    const events = ['s3:ObjectCreated:*', 's3:ObjectRemoved:*'];
    const notifications = [{ id: 'events', queueUrl: queue.url, events, prefix: 'u/', suffix: '' }];
    const regions = [testRegion('euw1', 'eu-west-1', [testBucket('bucket-eu', { notifications })])];
    return testOptions(folder.path, { regions, accessLog: join(folder.path, 'logs', 's3.log'), ...more });
  };

  function spawn(): ChildProcess {
    const child = fork(CHILD, { stdio: 'inherit' });
    children.add(child);
    child.once('exit', () => children.delete(child));
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const ended = exited(child);
    child.kill('SIGKILL');
    await ended;
  }

  return {
    folder: folder.path,
    queue,
    optionsOf,
    spawn,
    kill,
    async start(more) {
      const child = spawn();
      const ready = hear(child, 'ready');
      tell(child, { type: 'start', options: optionsOf(more) });
      const report = await ready;
      const url = report.type === 'ready' ? (report.regions['euw1']?.url ?? '') : '';
      const credentials = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: ADMIN.secretAccessKey };
      const target = { endpoint: url, region: 'eu-west-1', bucket: 'bucket-eu', credentials };
      return { child, url, client: clientOf(target, 'WHEN_REQUIRED') };
    },
    async close() {
      for (const child of [...children]) await kill(child);
      await queue.close();
      await folder.remove();
    },
  };
}

/** The exit status, once the process has ended; null when a signal ended it. */
export function exited(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

export function tell(child: ChildProcess, command: S3Command): void {
  child.send(command);
}

/** The next report of this type; rejects when the process ends first. */
export function hear(child: ChildProcess, type: S3Report['type']): Promise<S3Report> {
  return new Promise((resolve, reject) => {
    const listen = (message: unknown): void => {
      const report = message as S3Report;
      if (report.type !== type) return;
      child.off('message', listen);
      resolve(report);
    };
    child.on('message', listen);
    child.once('exit', (code) => reject(new Error(`the child ended with ${code}`)));
  });
}

/** Resolves when the condition holds; rejects after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not come to pass in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
