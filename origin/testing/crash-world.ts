import { objectKey } from '../../core/objects/object-key.ts';
import type { StoredRecord } from '../record/record.ts';
import { type BatchAnswer, createBatchHandler } from '../recorder/handle-batch.ts';
import { SILENT } from '../telemetry/telemetry.ts';
import { createWorkHandler } from '../worker/handle-work.ts';
import { writeWork } from '../worker/work-message.ts';
import { createApiWorld } from './api-world.ts';
import { type CrashPoint, createMortal } from './crash.ts';
import { createMemoryObjects } from './memory-objects.ts';
import { createMemoryStore } from './memory-store.ts';
import type { TestUpload, UploadWish } from './subjects.ts';

/** What a process is asked to do. `work` is the worker's part, the message an API hands on; `event` the recorder's: what S3 told of each version. */
export type Operation = 'finalize' | 'abort' | 'delete' | 'work' | 'event';

const BUCKET = 'nearput-local-000000000000-eu-west-1';

const OPTIONS = { signal: new AbortController().signal };

/** Longest time a client repeats a call, in milliseconds: everything must be settled by then. */
const PATIENCE_MS = 5 * 60_000;

/** S3's message that a version was made, as the queue brings it. */
const writeS3Event = ({ subject }: TestUpload, versionId: string, index: number): string =>
  JSON.stringify({
    Records: [
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'eu-west-1',
        eventTime: '2026-11-20T12:09:59.000Z',
        eventName: 'ObjectCreated:Put',
        s3: {
          bucket: { name: BUCKET },
          object: { key: objectKey(subject), size: 4, eTag: 'e1', versionId, sequencer: `0${index + 1}` },
        },
      },
    ],
  });

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
  const told = objects.versions(upload.subject).map((versionId, index) => writeS3Event(upload, versionId, index));

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
    const handed = async (answer: Promise<BatchAnswer>) => {
      const ended = await mortal.live(answer);
      const line = ended === 'died' ? 'died' : ended.batchItemFailures.length === 0 ? 'done' : 'again';
      return { line, calls: mortal.calls() };
    };
    const recording = { ...ports, telemetry: SILENT, region: 'euw1', now: () => clock.now };
    if (operation === 'event') {
      const handle = createBatchHandler({ ...recording, bucket: BUCKET, messageMs: 60_000 });
      return handed(handle({ Records: told.map((body, index) => ({ messageId: `m${index}`, body })) }));
    }
    if (operation === 'work') {
      const handle = createWorkHandler({ ...recording, monotonic: () => clock.now, pause, totalMs: 60_000 });
      const work = {
        subject: upload.subject,
        token: newToken(),
        finalizer: { tenant: 't1', subject: 'user' },
        uploadId: null,
        crc64nvme: null,
        parts: null,
        requestId: 'r',
      };
      return handed(handle({ Records: [{ messageId: 'm', body: writeWork(work) }] }));
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
