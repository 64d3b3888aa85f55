import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Answer, type Instance, startInstance } from './instance.ts';
import { createInstancePool } from './pool.ts';
import { processStartGate } from './start-gate.ts';
import type { FunctionOptions, InvokeFailure, InvokeResult, LambdaFunction } from './types.ts';

export { createInstancePool } from './pool.ts';
export type { FunctionOptions, InstanceLease, InstancePool, InvokeResult, LambdaFunction } from './types.ts';

/** A synchronous invocation's event, in bytes. Source: AWS Lambda quotas (6 MB). */
const PAYLOAD_MAX_BYTES = 6 * 1024 * 1024;
const MEMORY_CHECK_MS = 100;
/** How often waiting events look for an instance whose rate lets it work again. */
const WAITING_CHECK_MS = 20;

type Job = {
  readonly requestId: string;
  readonly event: string;
  /** Ends a wait without a start of its own; nothing for other events. */
  readonly deadline?: NodeJS.Timeout;
  readonly resolve: (result: InvokeResult) => void;
};

const failure = (kind: InvokeFailure, message: string): InvokeResult => ({ ok: false, kind, message });

/** A leaky bucket: true, and counted, when the instance may take one more event now. */
const withinRate = (instance: Instance, perSecond: number | null): boolean => {
  if (perSecond === null) return true;
  const now = performance.now();
  const { rate } = instance;
  rate.level = Math.max(0, rate.level - ((now - rate.at) / 1_000) * perSecond);
  rate.at = now;
  if (rate.level + 1 > perSecond) return false;
  rate.level += 1;
  return true;
};

/**
 * A Lambda function on this machine. Instances start when no idle one is left, and a synchronous event never queues
 * beyond a start that is under way for it: at the limit it answers `throttled`, as Lambda's 429.
 */
export const createFunction = (options: FunctionOptions): LambdaFunction => {
  mkdirSync(dirname(options.logPath), { recursive: true });
  const clockOffsetMs = new Float64Array(new SharedArrayBuffer(8));
  const instances = new Set<Instance>();
  /** Frozen instances, the most recently used last: the busiest stay warm. */
  const idle: Instance[] = [];
  const pending: Job[] = [];
  const count = { coldStarts: 0, invocations: 0, throttles: 0, errors: 0, waits: 0 };
  let starting = 0;
  /** Starts that are decided, with their place taken, and wait for a free core. */
  let queued = 0;
  let stopped = false;
  /** While a spent instance is ended by whoever looks for a place itself. */
  let replacing = false;

  const pool = (options.pool ?? createInstancePool(options.maxInstances)).join(() => {
    const oldest = idle.shift();
    if (oldest === undefined) return false;
    void oldest.kill('error', 'taken back for another function');
    return true;
  });

  const log = (line: string) => appendFileSync(options.logPath, `${line.replaceAll('\n', '\r')}\n`, { mode: 0o600 });

  const settle = (job: Job, instance: Instance, startedAt: number, answer: Answer) => {
    if (typeof answer === 'string') {
      const coldStart = instance.served === 1;
      const durationMs = performance.now() - startedAt;
      job.resolve({ ok: true, payload: JSON.parse(answer), durationMs, coldStart });
      return;
    }
    count.errors += 1;
    job.resolve(failure(answer.kind, answer.message));
  };

  /** Its lease is over, or the clock was set back to before it. */
  const isSpent = ({ lease }: Instance): boolean => {
    if (lease === undefined) return false;
    const now = Date.now() + options.clock.offsetSeconds() * 1_000;
    return now < lease.from || now >= lease.until;
  };

  const replace = (instance: Instance) => void instance.kill('error', 'replaced: its credentials end');

  const run = (instance: Instance, job: Job) => {
    clearTimeout(job.deadline);
    clockOffsetMs[0] = options.clock.offsetSeconds() * 1_000;
    instance.served += 1;
    const startedAt = performance.now();
    instance.run(job.requestId, job.event, (answer) => {
      settle(job, instance, startedAt, answer);
      release(instance);
    });
  };

  /** The instance is free: the oldest waiting event takes it, whichever instance it was waiting for. */
  const release = (instance: Instance) => {
    if (!instances.has(instance)) return;
    if (isSpent(instance)) return replace(instance);
    const job = pending.length > 0 && withinRate(instance, options.perInstanceRps) ? pending.shift() : undefined;
    if (job === undefined) idle.push(instance);
    else run(instance, job);
    while (queued > 0 && starting + queued > pending.length) {
      queued -= 1;
      pool.release();
    }
  };

  /** Begins as many of the queued starts as the machine takes now. */
  const begin = () => {
    while (queued > 0 && !stopped && processStartGate.enter(begin, options.startsFirst)) {
      queued -= 1;
      start();
    }
  };

  const hasRoom = (): boolean => instances.size + queued < options.maxInstances && pool.take();

  /** Gives waiting events what has come free, and starts what may be started for them. */
  const serveWaiting = () => {
    while (pending.length > 0) {
      const instance = takeIdle();
      const job = instance === undefined ? undefined : pending.shift();
      if (instance === undefined || job === undefined) break;
      run(instance, job);
    }
    while (!stopped && pending.length > starting + queued && hasRoom()) queued += 1;
    begin();
  };

  const start = () => {
    const begun = performance.now();
    let up = false;
    starting += 1;
    count.coldStarts += 1;
    clockOffsetMs[0] = options.clock.offsetSeconds() * 1_000;
    const instance = startInstance(options, clockOffsetMs, {
      ready: () => {
        up = true;
        starting -= 1;
        processStartGate.leave();
        log(`INIT_REPORT Init Duration: ${(performance.now() - begun).toFixed(2)} ms`);
        release(instance);
      },
      gone: (kind, message) => {
        instances.delete(instance);
        pool.release();
        const at = idle.indexOf(instance);
        if (at >= 0) idle.splice(at, 1);
        if (!stopped) log(`${kind}: ${message}`);
        if (up) return replacing ? undefined : serveWaiting();
        starting -= 1;
        processStartGate.leave();
        const job = pending.length > starting + queued ? pending.shift() : undefined;
        if (job === undefined) return;
        clearTimeout(job.deadline);
        count.errors += 1;
        job.resolve(failure(kind, message));
      },
    });
    instances.add(instance);
  };

  const takeIdle = (): Instance | undefined => {
    for (let at = idle.length - 1; at >= 0; at -= 1) {
      const instance = idle[at];
      if (instance === undefined) continue;
      if (isSpent(instance)) {
        replacing = true;
        replace(instance); // leaves `idle` and gives its place back at once
        replacing = false;
        continue;
      }
      if (!withinRate(instance, options.perInstanceRps)) continue;
      idle.splice(at, 1);
      return instance;
    }
    return undefined;
  };

  const watch = setInterval(() => {
    for (const instance of instances) instance.checkMemory();
  }, MEMORY_CHECK_MS);
  watch.unref();
  const look = options.waitMs === undefined ? undefined : setInterval(serveWaiting, WAITING_CHECK_MS).unref();

  const throttle = (): InvokeResult => {
    count.throttles += 1;
    return failure('throttled', 'Rate Exceeded.');
  };

  /** Puts an event in line without a start of its own; throttled when the wait ends. */
  const waitInLine = (requestId: string, event: string, resolve: Job['resolve']) => {
    const deadline = setTimeout(() => {
      const at = pending.indexOf(job);
      if (at >= 0) pending.splice(at, 1);
      resolve(throttle());
    }, options.waitMs);
    const job: Job = { requestId, event, resolve, deadline };
    count.waits += 1;
    pending.push(job);
  };

  return {
    invoke: (event, context) => {
      count.invocations += 1;
      if (stopped) return Promise.resolve(failure('error', 'the function is stopped'));
      const text = JSON.stringify(event) ?? 'null';
      if (Buffer.byteLength(text) > PAYLOAD_MAX_BYTES) {
        count.errors += 1;
        return Promise.resolve(failure('error', 'RequestEntityTooLarge: the event exceeds 6 MB'));
      }
      return new Promise((resolve) => {
        const requestId = context?.awsRequestId ?? randomUUID();
        const instance = takeIdle();
        if (instance !== undefined) return run(instance, { requestId, event: text, resolve });
        const spare = starting + queued > pending.length;
        if (!spare && !hasRoom()) {
          if (options.waitMs === undefined) return resolve(throttle());
          return waitInLine(requestId, text, resolve);
        }
        count.waits += 1;
        pending.push({ requestId, event: text, resolve });
        if (!spare) queued += 1;
        begin();
      });
    },
    stats: () => ({ instances: instances.size, ...count }),
    stop: async () => {
      stopped = true;
      clearInterval(watch);
      clearInterval(look);
      for (; queued > 0; queued -= 1) pool.release();
      for (const job of pending.splice(0)) {
        clearTimeout(job.deadline);
        job.resolve(failure('error', 'the function is stopped'));
      }
      await Promise.all([...instances].map((instance) => instance.kill('error', 'the function is stopped')));
    },
  };
};
