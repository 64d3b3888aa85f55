import type { EventOptions } from '../options.ts';
import type { EventRecord } from '../store/records.ts';

/** One message for a queue. */
export interface Message {
  readonly id: string;
  readonly queueUrl: string;
  readonly body: string;
}

export interface DeliverDeps {
  /** The message for an event; null when its bucket or rule is gone, then nothing is owed. */
  readonly compose: (event: EventRecord) => Message | null;
  /** Sends messages of one queue; resolves to the ids that arrived. May reject: none arrived. */
  readonly send: (queueUrl: string, messages: readonly Message[]) => Promise<ReadonlySet<string>>;
  /** Takes note that an event is no longer owed. */
  readonly settle: (id: string) => void;
  readonly random: () => number;
  readonly options: EventOptions;
}

export interface Deliverer {
  add(event: EventRecord): void;
  configure(change: Partial<EventOptions>): void;
  pending(): number;
  /** Stops sending; what is owed stays in the journal. */
  stop(): Promise<void>;
}

const BATCH = 10;
const IN_FLIGHT = 4;
/** Between two looks, unless a full batch is due: what becomes due meanwhile goes together, in one request. In milliseconds. */
const GATHER_MS = 100;
const BACKOFF_MS = { first: 200, most: 5_000 } as const;

interface Owed {
  readonly event: EventRecord;
  dueAt: number;
  failures: number;
  /** Sent once before, on purpose. */
  duplicate: boolean;
}

/** Sends owed events after a random delay each, in any order, at least once, until each arrived; some twice if so set. */
export function createDeliverer(deps: DeliverDeps): Deliverer {
  let options = deps.options;
  let owed: Owed[] = [];
  let stopped = false;
  let timer: NodeJS.Timeout | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  const flights = new Set<Promise<void>>();

  const delay = (): number => options.minDelayMs + deps.random() * Math.max(0, options.maxDelayMs - options.minDelayMs);

  function wake(): void {
    if (stopped || timer || owed.length === 0 || flights.size >= IN_FLIGHT) return;
    const now = performance.now();
    const next = owed.reduce((least, { dueAt }) => Math.min(least, dueAt), Number.POSITIVE_INFINITY);
    const isFull = owed.filter(({ dueAt }) => dueAt <= now).length >= BATCH;
    timer = setTimeout(tick, Math.max(5, next - now, isFull ? 0 : lookedAt + GATHER_MS - now));
  }

  function tick(): void {
    timer = null;
    const now = performance.now();
    lookedAt = now;
    const byQueue = new Map<string, { item: Owed; message: Message }[]>();
    const later: Owed[] = [];
    for (const item of owed) {
      if (item.dueAt > now) {
        later.push(item);
        continue;
      }
      const message = deps.compose(item.event);
      if (!message) {
        deps.settle(item.event.id);
        continue;
      }
      const group = byQueue.get(message.queueUrl) ?? [];
      byQueue.set(message.queueUrl, group);
      group.push({ item, message });
    }
    owed = later;
    for (const [queueUrl, group] of byQueue) {
      for (let i = 0; i < group.length; i += BATCH) launch(queueUrl, group.slice(i, i + BATCH));
    }
    wake();
  }

  function launch(queueUrl: string, group: readonly { item: Owed; message: Message }[]): void {
    if (flights.size >= IN_FLIGHT) {
      owed.push(...group.map(({ item }) => item));
      return;
    }
    const messages = group.map(({ message }) => message);
    const flight = deps
      .send(queueUrl, messages)
      .catch(() => new Set<string>()) // whatever went wrong, none counts as arrived and all are sent again
      .then((arrived) => {
        for (const { item } of group) land(item, arrived.has(item.event.id));
        flights.delete(flight);
        wake();
      });
    flights.add(flight);
  }

  function land(item: Owed, arrived: boolean): void {
    if (!arrived) {
      item.failures += 1;
      const backoff = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(item.failures, 10));
      item.dueAt = performance.now() + backoff * (0.5 + deps.random() / 2);
      owed.push(item);
    } else if (!item.duplicate && deps.random() < options.duplicateRate) {
      item.duplicate = true;
      item.dueAt = performance.now() + delay();
      owed.push(item);
    } else {
      deps.settle(item.event.id);
    }
  }

  return {
    add(event) {
      owed.push({ event, dueAt: performance.now() + delay(), failures: 0, duplicate: false });
      wake();
    },
    configure(change) {
      options = { ...options, ...change };
    },
    pending: () => owed.length + flights.size,
    async stop() {
      stopped = true;
      if (timer) clearTimeout(timer);
      await Promise.all(flights);
    },
  };
}
