import { RETRY_AFTER_SECONDS } from '../../core/contract/limits.ts';
import { Problem } from '../../core/contract/problems.ts';
import type { FinalizeBody } from '../../core/contract/schemas.ts';
import type { Budget } from '../http/budget.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { PartStore } from '../objects/part-store.ts';
import type { Subject } from '../record/facts.ts';
import type { Creator, RecordIn } from '../record/record.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { ClaimSeal } from './claim-seal.ts';

/** What finishing an upload needs, in the API and in the worker alike. */
export type FinishDeps = {
  readonly store: RecordStore;
  readonly objects: ObjectStore;
  readonly parts: PartStore;
  readonly telemetry: Telemetry;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
};

/** One attempt to finish one upload. */
export type FinishJob = {
  readonly subject: Subject;
  readonly budget: Budget;
  readonly requestId: string;
  readonly finalizer: Omit<Creator, 'since'>;
  /** What the client says of the content: compared, never needed. */
  readonly claims: FinalizeBody;
  /** What the client said of its parts to the request that handed the work on; `null`: nothing, or `claims` says it. */
  readonly seal: ClaimSeal | null;
  /** Name of the lease this attempt takes, or holds already. */
  readonly token: string;
  /** Life of the lease. */
  readonly leaseMs: number;
  /** Of the budget, what is kept for handing the work on. */
  readonly keepMs: number;
  /** First wait between two looks at an upload that somebody else is completing; later ones are up to four times as long. */
  readonly pollMs: number;
};

/** How an attempt ended, when no problem did. */
export type Finished =
  | { readonly kind: 'uploaded'; readonly record: RecordIn<'UPLOADED'> }
  /** Its time is over. `mine`: this attempt holds the lease, so it has to see to it that the work goes on. */
  | { readonly kind: 'late'; readonly record: RecordIn<'COMPLETING'>; readonly mine: boolean };

/** Thrown when S3's answers leave open what is there; the same request, sent again, looks again. */
export const unsettled = (reason: string): Problem =>
  new Problem('upstream_unavailable', 'S3 has not completed the upload yet; send the request again.', {
    headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    reason,
  });

/** A time as records keep it. */
export const isoAt = (milliseconds: number): string => new Date(milliseconds).toISOString();
