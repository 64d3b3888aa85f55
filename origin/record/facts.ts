import type { ParsedObjectKey } from '../../core/objects/object-key.ts';
import type { Creator, Grant, Pin } from './record.ts';

/** Whose upload a fact is about and which. */
export type Subject = ParsedObjectKey;

/** What one HEAD showed. */
export type Seen =
  | {
      readonly found: true;
      readonly pin: Pin;
      /** `null`: the version is what was granted. */
      readonly rejected: { readonly code: string; readonly detail: string } | null;
      /** From the grant metadata if the id's digest proves it, and when it was signed. */
      readonly granted: { readonly grant: Grant; readonly createdAt: string } | null;
    }
  | { readonly found: false; readonly deleteMarker: boolean };

/** Something that happened, or that somebody says happened. `at` is when we heard, ISO 8601. */
export type Fact = { readonly of: Subject; readonly at: string } & (
  | {
      /** The gate granted it. */
      readonly type: 'created';
      readonly grant: Grant;
      readonly creator: { readonly tenant: string | null; readonly subject: string };
      readonly createdAt: string;
      readonly uploadId: string | null;
    }
  /** S3 says a version came; a hint. */
  | { readonly type: 'objectCreated'; readonly versionId: string | null; readonly sequencer: string | null }
  /** S3 says a version went, or a delete marker came over it; a hint. */
  | {
      readonly type: 'objectRemoved';
      readonly versionId: string | null;
      readonly marker: boolean;
      readonly sequencer: string | null;
    }
  | {
      readonly type: 'head';
      /** The version asked for; `null`: the latest. */
      readonly asked: string | null;
      /** Sequencer of the event that made us ask. */
      readonly sequencer: string | null;
      readonly seen: Seen;
      /** Whether a good version is UPLOADED (finalize, reconciler) or only RECEIVED (an event). */
      readonly final: boolean;
      /** Who finalizes, from the token. */
      readonly finalizer: Omit<Creator, 'since'> | null;
    }
  /** Somebody works on completing it, alone, until `until`; `uploadId` of S3 is what will be completed, if that is known by now. */
  | { readonly type: 'leaseTaken'; readonly token: string; readonly until: string; readonly uploadId: string | null }
  /** Complete failed for a cause the client can mend. */
  | { readonly type: 'completeFailed'; readonly token: string }
  /** The caller gives it up, and a HEAD showed no object. */
  | { readonly type: 'abort' }
  | { readonly type: 'delete' }
  | { readonly type: 'restore' }
  /** The pinned version of a deleted upload was removed after its window. */
  | { readonly type: 'purged' }
  /** The reconciler looked and wants to look again at `next`, or never. */
  | { readonly type: 'looked'; readonly next: string | null }
);

export type FactType = Fact['type'];
export type FactOf<Type extends FactType> = Extract<Fact, { readonly type: Type }>;

/** What must be done after the record is written. Each may be done twice. */
export type Effect =
  /** Remove this exact version: it is not, and will never be, what a record stands for. */
  | { readonly type: 'deleteVersion'; readonly versionId: string }
  /** Ask S3, and tell what it showed as a `head` fact. */
  | { readonly type: 'head'; readonly versionId: string | null; readonly sequencer: string | null };
