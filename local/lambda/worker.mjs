/**
 * One Lambda instance: the entry of a worker thread. Plain JavaScript, because it then starts in half the time.
 * It loads the bundle, then takes one event at a time. Between events the whole thread stands still in `Atomics.wait`,
 * as a Lambda environment is frozen: its timers do not fire and its sockets are not read.
 */

import { Console } from 'node:console';
import { openSync, writeSync } from 'node:fs';
import module from 'node:module';
import os from 'node:os';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import v8 from 'node:v8';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';

const {
  port,
  wake,
  clockOffsetMs,
  bundle,
  handlerName,
  memoryMb,
  context: identity,
  logPath,
  background,
  compileCache,
} = workerData;
// Linux takes 0 for the calling thread; elsewhere it is the process, which must keep its priority.
if (background && process.platform === 'linux') os.setPriority(0, os.constants.priority.PRIORITY_LOW);
const MIB = 1024 * 1024;
/** A synchronous invocation's answer, in bytes. Source: AWS Lambda quotas (6 MB). */
const PAYLOAD_MAX_BYTES = 6 * MIB;

/** The instance's output goes straight to the function's log, one line per record; newlines inside become \r as in CloudWatch. */
const openLog = () => {
  const file = openSync(logPath, 'a', 0o600);
  const record = (text) => writeSync(file, `${text.replace(/\r?\n$/, '').replaceAll('\n', '\r')}\n`);
  const stream = () =>
    new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        record(String(chunk));
        done();
      },
    });
  const stdout = stream();
  const stderr = stream();
  Object.defineProperty(process, 'stdout', { value: stdout, configurable: true });
  Object.defineProperty(process, 'stderr', { value: stderr, configurable: true });
  globalThis.console = new Console({ stdout, stderr, colorMode: false });
  return record;
};

/** The platform's one clock: `Date` is moved by the shared offset, so expiry can be tested on built bundles. Monotonic time is not. */
const moveDate = () => {
  const RealDate = Date;
  const now = () => RealDate.now() + clockOffsetMs[0];
  const MovedDate = function (...args) {
    if (new.target === undefined) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, args.length === 0 ? [now()] : args, new.target);
  };
  MovedDate.prototype = RealDate.prototype;
  MovedDate.prototype.constructor = MovedDate;
  Object.defineProperties(MovedDate, {
    name: { value: 'Date' },
    length: { value: 7 },
    now: { value: now, writable: true, configurable: true },
    parse: { value: RealDate.parse, writable: true, configurable: true },
    UTC: { value: RealDate.UTC, writable: true, configurable: true },
  });
  globalThis.Date = MovedDate;
};

const usedMb = () => {
  const heap = v8.getHeapStatistics();
  return (heap.total_physical_size + heap.external_memory) / MIB;
};

const describe = (error) =>
  error instanceof Error
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
    : { errorType: typeof error, errorMessage: typeof error === 'string' ? error : inspect(error), trace: [] };

const record = openLog();
moveDate();

// What V8 made of a bundle's functions is kept: a start then costs half the processor time.
if (compileCache !== undefined) module.enableCompileCache(compileCache);

const fail = (kind, error) => {
  const fault = describe(error);
  record(JSON.stringify(fault));
  return { kind, message: `${fault.errorType}: ${fault.errorMessage}` };
};

/** Events after which an instance has called most of its functions, so that the kept code holds them too. */
const WARM_EVENTS = 20;

/** Kept by the runtime before the bundle can replace anything. */
const { stringify, parse } = JSON;
const monotonic = performance.now.bind(performance);

let handler;
try {
  const loaded = await import(bundle);
  handler = loaded[handlerName];
  if (typeof handler !== 'function') throw new TypeError(`${handlerName} is not a function exported by the bundle`);
  if (handler.length > 2)
    throw new TypeError('callback handlers are not supported by nodejs24.x: use an async handler');
  port.postMessage({ kind: 'ready' });
} catch (error) {
  port.postMessage(fail('init', error));
  Atomics.wait(wake, 0, 0); // until the host has read why, and ends this thread
}

/** Events, one at a time. Not awaited at top level: an event that nothing will settle then ends the thread without a word. */
const serve = async (handler) => {
  for (let events = 1; ; events += 1) {
    Atomics.wait(wake, 0, 0);
    Atomics.store(wake, 0, 0);
    const received = receiveMessageOnPort(port);
    if (received === undefined) continue;
    const [awsRequestId, limitMs, event] = received.message;
    const deadline = monotonic() + limitMs;
    const context = {
      ...identity,
      awsRequestId,
      getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - monotonic())),
    };
    let answer;
    try {
      const result = await handler(parse(event), context);
      answer = stringify(result) ?? 'null';
      if (Buffer.byteLength(answer) > PAYLOAD_MAX_BYTES)
        answer = { kind: 'error', message: 'Function.ResponseSizeTooLarge: the answer exceeds 6 MB' };
    } catch (error) {
      answer = fail('error', error);
    }
    if (usedMb() > memoryMb) {
      record(`RequestId: ${awsRequestId} Error: Runtime exited with error: signal: killed (over ${memoryMb} MB)`);
      answer = { kind: 'memory', message: `Runtime exited with error: signal: killed (over ${memoryMb} MB)` };
    }
    port.postMessage(answer);
    if (events === WARM_EVENTS && compileCache !== undefined) module.flushCompileCache();
  }
};

if (handler !== undefined) serve(handler);
