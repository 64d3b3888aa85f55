import type { StoredRecord } from '../record/record.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createWorkHandler } from '../worker/handle-work.ts';
import { writeWork } from '../worker/work-message.ts';
import { createApiWorld } from './api-world.ts';
import { type CrashPoint, createMortal } from './crash.ts';
import { createMemoryObjects } from './memory-objects.ts';
import { createMemoryStore } from './memory-store.ts';
import type { TestUpload, UploadWish } from './subjects.ts';

/** What a process is asked to do. `work` is the worker's part: the message an API hands on. */
export type Operation = 'finalize' | 'abort' | 'delete' | 'work';

const OPTIONS = { signal: new AbortController().signal };

/** Longest time a client repeats a call, in milliseconds: everything must be settled by then. */
const PATIENCE_MS = 5 * 60_000;

/** One upload in one bucket and one table, and any number of processes that work on it and may die. Time passes only when one waits. */
export const createCrashWorld = (
  wish: UploadWish,
  prepare: (objects: ReturnType<typeof createMemoryObjects>, upload: TestUpload) => void,
) => {
  const store = createMemoryStore();
  const objects = createMemoryObjects();
  const clock = createApiWorld().clock;
  const upload = createApiWorld().grant(wish);
  let processes = 0;
  prepare(objects, upload);

  const pause = (milliseconds: number): Promise<void> => {
    clock.now += milliseconds;
    return new Promise((resolve) => setImmediate(resolve));
  };

  const token = (): string => {
    processes += 1;
    return `process ${processes}`;
  };

  /** One process does one thing; its answer's status (and code), or `died`. */
  const run = async (operation: Operation, point: CrashPoint | null = null) => {
    const mortal = createMortal(point);
    const newToken = token;
    const ports = { store: mortal.wrap(store), objects: mortal.wrap(objects), parts: mortal.wrap(objects.parts) };
    if (operation === 'work') {
      const handle = createWorkHandler({
        ...ports,
        telemetry: SILENT,
        region: 'euw1',
        now: () => clock.now,
        monotonic: () => clock.now,
        pause,
        totalMs: 60_000,
      });
      const finalizer = { tenant: 't1', subject: 'user' };
      const work = {
        subject: upload.subject,
        token: newToken(),
        finalizer,
        uploadId: null,
        crc64nvme: null,
        parts: null,
        requestId: 'r',
      };
      const answer = await mortal.live(handle({ Records: [{ messageId: 'm', body: writeWork(work) }] }));
      const line = answer === 'died' ? 'died' : answer.batchItemFailures.length === 0 ? 'done' : 'again';
      return { line, calls: mortal.calls() };
    }
    const send = async (): Promise<void> => undefined;
    const world = createApiWorld(
      { ...ports, work: mortal.wrap({ send }), pause, newToken },
      { clock, monotonic: () => clock.now },
    );
    const rest = operation === 'delete' ? '' : `/${operation}`;
    const path = `/v1/uploads/${upload.subject.id}${rest}`;
    const answer = await mortal.live(world.ask(operation === 'delete' ? 'DELETE' : 'POST', path));
    if (answer === 'died') return { line: 'died', calls: mortal.calls() };
    const code = answer.status < 400 ? '' : ` ${((await answer.json()) as { code: string }).code}`;
    return { line: `${answer.status}${code}`, calls: mortal.calls() };
  };

  /** Repeats a call as a client does, until its answer is neither 202 nor 503, or `again`. */
  const repeat = async (operation: Operation): Promise<string> => {
    const end = clock.now + PATIENCE_MS;
    for (;;) {
      const { line } = await run(operation);
      if (!/^202|^503|^again|^died/.test(line)) return line;
      if (clock.now > end) return `not settled: ${line}`;
      clock.now += 1_000;
    }
  };

  const record = (): Promise<StoredRecord | null> => store.get(upload.subject.ownerKey, upload.subject.id, OPTIONS);

  return { upload, objects, store, run, repeat, record, clock };
};

export type CrashWorld = ReturnType<typeof createCrashWorld>;
