import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, createClock } from '../support/clock.ts';
import { createCredentialStore } from '../support/credentials.ts';
import { type Listening, listen } from '../support/http.ts';
import { createDeliverer, type Deliverer } from './events/deliver.ts';
import { eventMessage } from './events/event-message.ts';
import { createQueueSender } from './events/send-to-queue.ts';
import { openAccessLog } from './http/access-log.ts';
import type { RegionContext } from './http/call.ts';
import { createHandler } from './http/handle.ts';
import { prepareServer } from './http/prepare-server.ts';
import type { EventOptions, RegionOptions, S3Options, S3Stats } from './options.ts';
import { ensureBuckets } from './store/ensure-buckets.ts';
import type { EventRecord } from './store/records.ts';
import { openStore, type Store } from './store/store.ts';

/** A running S3. */
export interface S3 {
  /** Where each Region listens, by Region code. */
  readonly regions: Readonly<Record<string, { readonly url: string; readonly port: number }>>;
  /** Seconds the platform's clock is ahead of the machine's. */
  setClock(offsetSeconds: number): void;
  configureEvents(change: Partial<EventOptions>): void;
  stats(): S3Stats;
  /** Ends requests and deliveries under way, closes the files. Owed events stay in the journal. */
  close(): Promise<void>;
}

/** Milliseconds one send to a queue may take. */
const QUEUE_TIMEOUT_MS = 5_000;

interface Cell {
  readonly options: RegionOptions;
  readonly store: Store;
  readonly deliverer: Deliverer;
  readonly server: Listening;
  readonly stopSending: () => void;
}

/** Opens every Region's data and listens. Rejects when a port is taken or a log cannot be read. */
export async function startS3(options: S3Options): Promise<S3> {
  const clock = createClock(options.clockOffsetSeconds);
  const credentials = createCredentialStore(options.credentials);
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  if (options.accessLog !== null) await mkdir(dirname(options.accessLog), { recursive: true });
  const accessLog = openAccessLog(options.accessLog);
  const cells: Cell[] = [];

  const placeOf: RegionContext['placeOf'] = (bucket) => {
    const cell = cells.find(({ store }) => store.state.buckets.has(bucket));
    return cell && { region: cell.options.name, url: cell.server.url };
  };

  async function openCell(region: RegionOptions): Promise<Cell> {
    const { store, deliverer, stopSending } = await openEvents(options, region, clock);
    await ensureBuckets(store, region.buckets, clock.now());
    const context: RegionContext = {
      region: region.name,
      account: options.account,
      store,
      now: clock.now,
      bodyIdleMs: options.bodyIdleMs,
      placeOf,
    };
    const server = await listen(createHandler({ context, credentials, accessLog }), { port: region.port });
    prepareServer(server.server);
    return { options: region, store, deliverer, server, stopSending };
  }

  async function close(): Promise<void> {
    await Promise.all(cells.map(({ server }) => server.close(1_000)));
    for (const { deliverer, stopSending, store } of cells) {
      await deliverer.stop();
      stopSending();
      await store.close();
    }
    await accessLog.close();
  }

  try {
    for (const region of options.regions) cells.push(await openCell(region));
  } catch (error) {
    await close();
    throw error;
  }
  return {
    regions: Object.fromEntries(cells.map(({ options: { code }, server: { url, port } }) => [code, { url, port }])),
    setClock: clock.setOffset,
    configureEvents: (change) => {
      for (const { deliverer } of cells) deliverer.configure(change);
    },
    stats: () =>
      Object.fromEntries(
        cells.map(({ options: { code }, store, deliverer }) => [
          code,
          { objects: store.state.objects, pendingEvents: deliverer.pending() },
        ]),
      ),
    close,
  };
}

async function openEvents(
  options: S3Options,
  region: RegionOptions,
  clock: Clock,
): Promise<Pick<Cell, 'store' | 'deliverer' | 'stopSending'>> {
  const sender = createQueueSender({
    region: region.name,
    credentials: options.eventSender,
    timeoutMs: QUEUE_TIMEOUT_MS,
    offsetSeconds: clock.offsetSeconds,
  });
  let store: Store | null = null;
  const compose = (event: EventRecord) => {
    const rule = store?.state.buckets.get(event.bucket)?.record.notifications.find(({ id }) => id === event.ruleId);
    return rule
      ? { id: event.id, queueUrl: rule.queueUrl, body: eventMessage(event, region.name, options.account) }
      : null;
  };
  const deliverer = createDeliverer({
    compose,
    send: sender.send,
    settle: (id) => {
      store?.commit([{ op: 'sent', id, at: Date.now() }]).catch((error: unknown) => console.error(error));
    },
    random: Math.random,
    options: options.events,
  });
  store = await openStore({
    folder: join(options.dataDir, region.code),
    machineNow: Date.now,
    resendWindowMs: options.events.resendWindowMs,
    onEvent: deliverer.add,
  });
  return { store, deliverer, stopSending: sender.close };
}
