import { pathToFileURL } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { FunctionOptions, InstanceLease, InvokeFailure } from './types.ts';

const ENTRY = new URL('./worker.mjs', import.meta.url);
const DEFAULT_INIT_TIMEOUT_MS = 10_000;
const MIB = 1024 * 1024;
/** Share of the memory that V8 may take as heap, as the Lambda runtime sets it. */
const HEAP_SHARE = 0.92;
/** V8's young generation, in MiB. Dozens of instances share a machine's caches: with V8's default each walks through fresh memory that is cold by then. */
const YOUNG_GENERATION_MIB = 6;

/** A handler's answer as JSON text, or why there is none. */
export type Answer = string | { readonly kind: InvokeFailure; readonly message: string };

type WorkerMessage = string | { readonly kind: 'ready' | 'init' | InvokeFailure; readonly message: string };

export type InstanceEvents = {
  /** The bundle is loaded and the instance waits, frozen. */
  ready(): void;
  /** The instance is gone; `message` says why. An event under way was already answered. */
  gone(kind: InvokeFailure, message: string): void;
};

/** One Lambda environment: a worker thread that runs one event at a time and is frozen between events. */
export type Instance = {
  /** Runs one event; only while the instance is ready and idle. */
  run(requestId: string, event: string, done: (answer: Answer) => void): void;
  /** Looks at heap and buffers from outside, and kills an instance that is over its memory. */
  checkMemory(): void;
  /** Kills the thread, also in the middle of an event. */
  kill(kind: InvokeFailure, message: string): Promise<void>;
  /** Events of the last second that still count against the rate, and when it was counted. */
  readonly rate: { level: number; at: number };
  readonly lease: InstanceLease | undefined;
  /** Events taken so far. */
  served: number;
};

/** Identity parts of the context object. */
const contextOf = (options: FunctionOptions) => ({
  functionName: options.name,
  functionVersion: options.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:${options.env['AWS_REGION'] ?? 'us-east-1'}:000000000000:function:${options.name}`,
  memoryLimitInMB: String(options.memoryMb),
  logGroupName: options.env['AWS_LAMBDA_LOG_GROUP_NAME'] ?? `/aws/lambda/${options.name}`,
  logStreamName: options.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? 'local',
});

/** Starts an instance. `clockOffsetMs` is shared with the thread. */
export const startInstance = (
  options: FunctionOptions,
  clockOffsetMs: Float64Array,
  events: InstanceEvents,
): Instance => {
  const lease = options.lease?.();
  const { port1: port, port2 } = new MessageChannel();
  const wake = new Int32Array(new SharedArrayBuffer(4));
  let done: ((answer: Answer) => void) | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ready = false;
  let over = false;

  const worker = new Worker(ENTRY, {
    workerData: {
      port: port2,
      wake,
      clockOffsetMs,
      bundle: pathToFileURL(options.bundle).href,
      handlerName: options.handler,
      memoryMb: options.memoryMb,
      context: contextOf(options),
      logPath: options.logPath,
      background: options.background === true,
      compileCache: options.compileCache,
    },
    transferList: [port2],
    env: { ...options.env, ...lease?.env },
    argv: [],
    execArgv: [],
    stdin: false,
    stdout: true,
    stderr: true,
    name: options.name,
    resourceLimits: {
      maxOldGenerationSizeMb: Math.floor(options.memoryMb * HEAP_SHARE),
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB,
    },
  });

  const answer = (value: Answer) => {
    clearTimeout(timer);
    const reply = done;
    done = null;
    reply?.(value);
  };
  const end = (kind: InvokeFailure, message: string) => {
    if (over) return;
    over = true;
    clearTimeout(timer);
    port.close();
    events.gone(kind, message);
    answer({ kind, message });
  };
  const kill = async (kind: InvokeFailure, message: string) => {
    end(kind, message);
    await worker.terminate();
  };

  timer = setTimeout(
    () => void kill('timeout', 'INIT_REPORT Status: timeout: the instance took too long to start'),
    options.initTimeoutMs ?? DEFAULT_INIT_TIMEOUT_MS,
  );
  port.on('message', (message: WorkerMessage) => {
    if (typeof message === 'string') answer(message);
    else if (message.kind === 'ready') {
      clearTimeout(timer);
      ready = true;
      events.ready();
    } else if (message.kind === 'init') void kill('error', message.message);
    else if (message.kind === 'memory') void kill('memory', message.message);
    else answer({ kind: message.kind, message: message.message });
  });
  worker.on('error', (error: Error & { code?: string }) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') end('memory', `Runtime exited with error: ${error.message}`);
    else end('error', `${error.name}: ${error.message}`);
  });
  worker.on('exit', (code) => end('error', `Runtime exited without providing a reason (exit status ${code})`));

  return {
    run: (requestId, event, reply) => {
      done = reply;
      const seconds = (options.timeoutMs / 1_000).toFixed(2);
      timer = setTimeout(
        () => void kill('timeout', `${requestId} Task timed out after ${seconds} seconds`),
        options.timeoutMs,
      );
      port.postMessage([requestId, options.timeoutMs, event]);
      Atomics.store(wake, 0, 1);
      Atomics.notify(wake, 0);
    },
    checkMemory: () => {
      if (over || !ready || done === null) return;
      worker.getHeapStatistics().then(
        (heap) => {
          const used = heap.total_physical_size + heap.external_memory;
          if (used > options.memoryMb * MIB)
            void kill('memory', `Runtime exited with error: signal: killed (over ${options.memoryMb} MB)`);
        },
        () => undefined,
      );
    },
    kill,
    rate: { level: 0, at: performance.now() },
    lease,
    served: 0,
  };
};
