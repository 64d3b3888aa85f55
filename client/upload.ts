import type { CreatedUpload, UploadRecord } from '../core/contract/records.ts';
import type { CreateBody } from '../core/contract/schemas.ts';
import type { ChecksumMode } from '../core/contract/states.ts';
import { type AdaptiveLimit, createAdaptiveLimit } from './adaptive-limit.ts';
import { beginUpload } from './begin-upload.ts';
import { CancelledError, ContentError, NearputError } from './errors.ts';
import type { Run, UploadDeps } from './job.ts';
import { ENDED, resumeParts } from './parts/resume-parts.ts';
import { createPause } from './pause.ts';
import { createProgressMeter, type UploadProgress } from './progress.ts';
import { recallFinished } from './recall-finished.ts';
import type { UploadSource } from './source.ts';
import { openMemory } from './state/memory.ts';

export type UploadOptions = {
  /** 64 lower-case hex digits; then S3 checks the bytes itself while they arrive. Not with parts. */
  readonly sha256?: string;
  /** `auto` unless said: one PUT up to 64 MiB, parts above. */
  readonly method?: NonNullable<CreateBody['method']>;
  /** Bytes of each part but the last; only with parts. */
  readonly partSize?: number;
  /** `sha256`: every part carries its hash, and S3 checks it while it arrives; only with parts. */
  readonly partChecksum?: ChecksumMode;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly preferRegion?: string;
  readonly avoidRegions?: readonly string[];
  /** Requests to S3 at once, 4 unless said; fewer while S3 or the line is strained. */
  readonly concurrency?: number;
  /** Shares one bound among several uploads, instead of `concurrency`. */
  readonly limit?: AdaptiveLimit;
  /** `false`: begin anew, and remember nothing. */
  readonly resume?: boolean;
  /**
   * `true`: the state store remembers the upload also when it is finished, for 7 days, and the same source uploaded again
   * gives its record without a byte being sent, unless it was deleted meanwhile. For many files that are uploaded as one.
   */
  readonly rememberFinished?: boolean;
  readonly onCreated?: (created: CreatedUpload) => void;
  /** Called with the id when an upload that was begun before goes on, or was finished before. */
  readonly onResumed?: (id: string) => void;
  readonly onProgress?: (progress: UploadProgress) => void;
  /** Stops the upload where it is; uploading the same source again goes on. */
  readonly signal?: AbortSignal;
};

/** An upload under way. */
export type UploadHandle = {
  /** The record, once S3 has what was read here. Rejects with the error, the signal's reason, or `CancelledError`. */
  readonly result: Promise<UploadRecord>;
  /** Cuts the requests under way; what S3 has stored stays. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Stops for good: the upload is aborted at the gateway and forgotten here. One that is complete stays. */
  readonly cancel: () => Promise<void>;
};

const CONCURRENCY = 4;

const given = <Members extends object>(members: Members) =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Members]: Exclude<Members[Name], undefined>;
  };

const bodyOf = (source: UploadSource, options: UploadOptions): CreateBody => {
  const { sha256, method, partSize, partChecksum, metadata, preferRegion, avoidRegions } = options;
  const wishes = { sha256, method, partSize, partChecksum, metadata, preferRegion };
  return {
    name: source.name,
    size: source.size,
    type: source.type,
    ...given(wishes),
    ...(avoidRegions === undefined ? {} : { avoidRegions: [...avoidRegions] }),
  };
};

/** What no later run could go on with: the upload ended, or S3 holds other bytes. */
const isOver = (error: unknown): boolean =>
  error instanceof ContentError ||
  (error instanceof NearputError && (ENDED.has(error.code) || error.code === 'content_mismatch'));

type Remembering = { readonly finished: boolean; readonly onResumed: (id: string) => void };

/** Gives what was finished before, goes on where an upload of the same source stopped, else begins. */
const resumeOrBegin = async (run: Run, { finished, onResumed }: Remembering): Promise<UploadRecord> => {
  const record = finished ? await recallFinished(run) : undefined;
  if (record !== undefined) {
    onResumed(record.id);
    return record;
  }
  const saved = await run.memory.load();
  if (saved === undefined) return beginUpload(run);
  onResumed(saved.upload.id);
  return (await resumeParts(run, saved, run.memory.addPart)) ?? beginUpload(run);
};

/** Remembers the upload until it is done, or can never be. */
const runUpload = async (run: Run, remembering: Remembering): Promise<UploadRecord> => {
  try {
    const record = await resumeOrBegin(run, remembering);
    const finishedAt = new Date(run.deps.now()).toISOString();
    if (remembering.finished) await run.memory.finish({ v: 1, id: record.id, finishedAt });
    else await run.memory.forget();
    return record;
  } catch (error) {
    if (isOver(error)) await run.memory.forget();
    throw error;
  }
};

/** Aborts at the gateway; one that is complete stays. */
const endUpload = async (deps: UploadDeps, id: string): Promise<void> => {
  try {
    await deps.abort(id);
  } catch (error) {
    if (!(error instanceof NearputError && error.code === 'already_complete')) throw error;
  }
};

/** Starts uploads: each asks for permission, sends the bytes to the nearest S3, and proves at finalize that S3 holds what was read here. */
export const createUploader =
  (deps: UploadDeps) =>
  (source: UploadSource, options: UploadOptions = {}): UploadHandle => {
    const cancelled = new AbortController();
    const pause = createPause();
    const body = bodyOf(source, options);
    let id: string | undefined;
    const remembers = options.resume !== false;
    const memory = openMemory(remembers ? deps.state : undefined, { endpoint: deps.endpoint, source, body });
    const run: Run = {
      deps,
      source,
      body,
      pause,
      memory,
      signal: options.signal === undefined ? cancelled.signal : AbortSignal.any([options.signal, cancelled.signal]),
      limit: options.limit ?? createAdaptiveLimit(options.concurrency ?? CONCURRENCY),
      meter: createProgressMeter(source.size, options.onProgress),
      onCreated: (created) => {
        id = created.id;
        options.onCreated?.(created);
      },
    };
    const result = runUpload(run, {
      finished: options.rememberFinished === true,
      onResumed: (saved) => {
        id = saved;
        options.onResumed?.(saved);
      },
    });
    return {
      result,
      pause: pause.pause,
      resume: pause.resume,
      cancel: async () => {
        cancelled.abort(new CancelledError());
        const [end] = await Promise.allSettled([result]);
        if (end.status === 'fulfilled' || id === undefined) return;
        await endUpload(deps, id);
        await memory.forget();
      },
    };
  };
