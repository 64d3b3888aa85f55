import type { Route } from '../../core/contract/routes.ts';
import type { Principal } from '../../core/identity/principal.ts';
import type { Budget } from '../http/budget.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { PartStore } from '../objects/part-store.ts';
import type { Subject } from '../record/facts.ts';
import type { RecordStore } from '../store/record-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { WorkQueue } from '../worker/work-queue.ts';

/** What every route of the API is given once, at start. */
export type RouteDeps = {
  readonly store: RecordStore;
  readonly objects: ObjectStore;
  readonly parts: PartStore;
  /** Where what takes longer than a request goes on. */
  readonly work: WorkQueue;
  /** Read-only views of every cell by Region code, the own one among them. */
  readonly cells: ReadonlyMap<string, Pick<RecordStore, 'listByOwner'>>;
  /** Wall clock, milliseconds since 1970. */
  readonly now: () => number;
  /** Resolves after milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** A name nobody else has. */
  readonly newToken: () => string;
  readonly telemetry: Telemetry;
};

/** One verified request on its way. */
export type Call = {
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly route: Route;
  readonly principal: Principal;
  readonly budget: Budget;
  readonly requestId: string;
};

/** A verified request about one upload of the caller's own. */
export type UploadCall = Call & { readonly subject: Subject };

/** Answers, or throws a `Problem`. */
export type CallHandler = (call: Call) => Promise<Response>;
export type UploadCallHandler = (call: UploadCall) => Promise<Response>;

/** A time in milliseconds since 1970 as records keep it. */
export const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();
