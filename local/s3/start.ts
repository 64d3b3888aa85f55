import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, createClock } from '../support/clock.ts';
import { type Credential, type CredentialStore, createCredentialStore } from '../support/credentials.ts';
import { type Listening, listen } from '../support/http.ts';
import { createSessionStore } from '../support/role-sessions.ts';
import { createDeliverer, type Deliverer } from './events/deliver.ts';
import { eventMessage } from './events/event-message.ts';
import { createQueueSender } from './events/send-to-queue.ts';
import { openAccessLog } from './http/access-log.ts';
import type { RegionContext } from './http/call.ts';
import { createFaults, type FaultRule } from './http/faults.ts';
import { createHandler } from './http/handle.ts';
import { prepareServer } from './http/prepare-server.ts';
import { createSweeper } from './lifecycle/sweep.ts';
import type { EventOptions, RegionOptions, S3Options, S3Stats } from './options.ts';
import { ensureBuckets } from './store/ensure-buckets.ts';
import type { EventRecord } from './store/records.ts';
import { openStore, type Store } from './store/store.ts';
import { putZeroParts, type ZeroParts } from './store/zero-parts.ts';

/** A running S3. */
export interface S3 {
  /** Where each Region listens, by Region code. */
  readonly regions: Readonly<Record<string, { readonly url: string; readonly port: number }>>;
  /** Seconds the platform's clock is ahead of the machine's. What lifecycle rules want done by then is done. */
  setClock(offsetSeconds: number): void;
  /** From now on these access keys are known, beside those of roles' sessions, and no others. */
  setCredentials(credentials: readonly Credential[]): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  /** Does at once what lifecycle rules want done, which else happens every minute. */
  applyLifecycle(): Promise<void>;
  configureEvents(change: Partial<EventOptions>): void;
  /** Puts parts of zero bytes into an open upload of a Region (by its code) as if they had been sent. */
  putZeroParts(region: string, parts: ZeroParts): Promise<void>;
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
  let credentials = createCredentialStore(options.credentials);
  const sessions = createSessionStore(options.sessions ?? { since: 0, roles: [] }, clock.now);
  const faults = createFaults();
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  if (options.accessLog !== null) await mkdir(dirname(options.accessLog), { recursive: true });
  const accessLog = openAccessLog(options.accessLog);
  const cells: Cell[] = [];

  const placeOf: RegionContext['placeOf'] = (bucket) => {
    const cell = cells.find(({ store }) => store.state.buckets.has(bucket));
    return cell && { region: cell.options.name, url: cell.server.url };
  };

  async function openCell(region: RegionOptions): Promise<Cell> {
    const { store, deliverer, sendNow, stopSending } = await openEvents(options, region, clock);
    await ensureBuckets(store, region.buckets, clock.now());
    const context: RegionContext = {
      region: region.name,
      account: options.account,
      store,
      now: clock.now,
      bodyIdleMs: options.bodyIdleMs,
      sqsEndpoint: region.sqsEndpoint,
      sendNow,
      placeOf,
    };
    const find: CredentialStore['find'] = (accessKeyId) => credentials.find(accessKeyId) ?? sessions.find(accessKeyId);
    const handler = createHandler({ context, credentials: { find }, accessLog, faults });
    const server = await listen(handler, { port: region.port });
    prepareServer(server.server);
    return { options: region, store, deliverer, server, stopSending };
  }

  const sweeper = createSweeper(() => cells.map(({ store }) => store), clock.now);

  async function close(): Promise<void> {
    await sweeper.stop();
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
  sweeper.start();
  return {
    regions: Object.fromEntries(cells.map(({ options: { code }, server: { url, port } }) => [code, { url, port }])),
    setClock(offsetSeconds) {
      clock.setOffset(offsetSeconds);
      sweeper.sweep().catch((error: unknown) => console.error(error));
    },
    setCredentials(list) {
      credentials = createCredentialStore(list);
    },
    addFault: faults.add,
    clearFaults: faults.clear,
    applyLifecycle: sweeper.sweep,
    async putZeroParts(code, parts) {
      const cell = cells.find(({ options: region }) => region.code === code);
      if (!cell) throw new Error(`no Region ${code}`);
      await putZeroParts(cell.store, parts, clock.now());
    },
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
): Promise<Pick<Cell, 'store' | 'deliverer' | 'stopSending'> & Pick<RegionContext, 'sendNow'>> {
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
  const sendNow: RegionContext['sendNow'] = async (queueUrl, event) => {
    const message = { id: event.id, queueUrl, body: eventMessage(event, region.name, options.account) };
    try {
      return (await sender.send(queueUrl, [message])).has(event.id);
    } catch {
      return false; // no such queue, or none that takes it: all the same to who asks
    }
  };
  return { store, deliverer, sendNow, stopSending: sender.close };
}
