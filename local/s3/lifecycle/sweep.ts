import { randomBytes } from 'node:crypto';
import { S3Error } from '../errors.ts';
import type { EventSource } from '../events/events-for.ts';
import type { Store } from '../store/store.ts';
import { abortUpload, findUpload } from '../store/uploads.ts';
import { deleteCurrent, deleteVersion } from '../store/write.ts';
import { type DueAction, dueActions } from './due.ts';

/** How often lifecycle rules are looked at, in milliseconds. S3 does so about once a day. */
const EVERY_MS = 60_000;

/** Does what lifecycle rules want done. */
export interface Sweeper {
  /** Looks now, and again and again until `stop`. */
  start(): void;
  /** Looks now; resolves when all that was due is done. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

/** A sweeper over all buckets of `stores`, by the platform's clock. One sweep runs at a time. */
export function createSweeper(stores: () => readonly Store[], now: () => number): Sweeper {
  let timer: NodeJS.Timeout | null = null;
  let last: Promise<void> = Promise.resolve();

  function sweep(): Promise<void> {
    const turn = last.then(async () => {
      for (const store of stores()) await sweepStore(store, now());
    });
    last = turn.catch(() => {}); // told to who asked for that sweep
    return turn;
  }

  const sweepAndTell = (): void => void sweep().catch((error: unknown) => console.error(error));
  return {
    start() {
      sweepAndTell();
      timer = setInterval(sweepAndTell, EVERY_MS);
      timer.unref();
    },
    sweep,
    async stop() {
      if (timer) clearInterval(timer);
      await last;
    },
  };
}

async function sweepStore(store: Store, now: number): Promise<void> {
  for (const [bucket, state] of store.state.buckets) {
    for (const action of [...dueActions(state, now)]) await run(store, bucket, action, now);
  }
}

async function run(store: Store, bucket: string, action: DueAction, now: number): Promise<void> {
  const target = { store, bucket, key: action.key, source: sourceAt(now) };
  try {
    switch (action.act) {
      case 'abort':
        return await abortUpload(store, bucket, findUpload(store, bucket, action.key, action.uploadId));
      case 'expire':
        await deleteCurrent(target, 'LifecycleExpiration');
        return;
      case 'remove':
        await deleteVersion(target, action.versionId, 'LifecycleExpiration');
        return;
    }
  } catch (error) {
    if (!(error instanceof S3Error)) throw error; // else somebody was faster: nothing is left to do
  }
}

function sourceAt(time: number): EventSource {
  return {
    time,
    requestId: randomBytes(8).toString('hex').toUpperCase(),
    hostId: randomBytes(42).toString('base64'),
    principal: 's3.amazonaws.com',
    sourceIp: 's3.amazonaws.com',
  };
}
