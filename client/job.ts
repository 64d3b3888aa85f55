import type { CreatedUpload, PartList, SignedParts, UploadRecord } from '../core/contract/records.ts';
import type { CreateBody, FinalizeBody } from '../core/contract/schemas.ts';
import type { AdaptiveLimit } from './adaptive-limit.ts';
import type { Hashes } from './hashes.ts';
import type { Pause } from './pause.ts';
import type { ProgressMeter } from './progress.ts';
import type { UploadSource } from './source.ts';
import type { Memory } from './state/memory.ts';
import type { StateStore } from './state/state-store.ts';
import type { Transport } from './transport.ts';

/** What an upload asks of the gateway. */
export type UploadCalls = {
  readonly create: (body: CreateBody, signal: AbortSignal) => Promise<CreatedUpload>;
  readonly renew: (id: string, body: CreateBody, signal: AbortSignal) => Promise<CreatedUpload>;
  readonly signParts: (
    id: string,
    body: { readonly uploadId: string; readonly numbers: readonly number[]; readonly sha256?: readonly string[] },
    signal: AbortSignal,
  ) => Promise<SignedParts>;
  readonly listParts: (id: string, uploadId: string, signal: AbortSignal) => Promise<PartList>;
  readonly finalize: (id: string, claims: FinalizeBody, signal: AbortSignal) => Promise<UploadRecord>;
  readonly abort: (id: string) => Promise<void>;
};

export type UploadDeps = UploadCalls & {
  /** Origin of the gateway; part of the key under which state is kept. */
  readonly endpoint: string;
  readonly transport: Transport;
  readonly hashes: Hashes;
  /** Absent: nothing is remembered. */
  readonly state: StateStore | undefined;
  readonly random: () => number;
  readonly now: () => number;
  /** Repetitions after the first attempt. */
  readonly retries: number;
  readonly idleTimeoutMs: number;
  /** How long a part that found no connection is tried again when others were stored before, in milliseconds. */
  readonly patienceMs: number;
};

/** What every step of one upload works with. */
export type Job = {
  readonly deps: UploadDeps;
  readonly source: UploadSource;
  readonly body: CreateBody;
  /** Ends the upload: the caller's signal, or cancel. */
  readonly signal: AbortSignal;
  readonly pause: Pause;
  readonly limit: AdaptiveLimit;
  readonly meter: ProgressMeter;
};

/** One upload from its beginning to its record. */
export type Run = Job & {
  readonly memory: Memory;
  /** Hears of every upload that is begun; a silent Region makes it more than one. */
  readonly onCreated: (created: CreatedUpload) => void;
};
