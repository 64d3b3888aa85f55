import type { Subject } from '../record/facts.ts';
import type { CallOptions } from '../store/record-store.ts';

/** A part that S3 holds. */
export type HeldPart = {
  readonly number: number;
  /** Bytes. */
  readonly size: number;
  /** As S3 writes it, with its quotes. */
  readonly etag: string;
  /** S3's base64; `null` where the upload asks for none. */
  readonly sha256: string | null;
  /** The same of the CRC-64/NVME, which S3 computes where no part has to carry a SHA-256. */
  readonly crc64nvme: string | null;
};

/** Parts in order of their numbers. `next`: the number to go on after; `null`: there are no more. */
export type PartPage = { readonly parts: readonly HeldPart[]; readonly next: number | null };

/** A multipart upload that S3 has open, and when it was started (milliseconds since 1970). */
export type OpenUpload = { readonly uploadId: string; readonly startedMs: number };

/**
 * What S3 said to a Complete. Only `done` means anything for the object, and HEAD has the last word there too.
 * `unsure`: the object may be there or may yet come. `parts_changed`: a part is not the one that was listed, by now.
 */
export type Completion = 'done' | 'unsure' | 'parts_changed' | 'part_too_small' | 'checksum_differs';

export type CompleteRequest = {
  readonly uploadId: string;
  /** All of them, in order. */
  readonly parts: readonly HeldPart[];
  /** What the client says of the whole content (S3's base64), for S3 to compare; `null`: nothing. */
  readonly crc64nvme: string | null;
};

/** Multipart uploads in the uploads bucket of one cell. Every function throws for an S3 that does not answer. */
export type PartStore = {
  /** The open uploads of one key, the one started first at the front. */
  listUploads(subject: Subject, options: CallOptions): Promise<readonly OpenUpload[]>;
  /** At most 1,000 parts after a number; `null`: S3 has no such upload open for this key. */
  listParts(subject: Subject, uploadId: string, after: number, options: CallOptions): Promise<PartPage | null>;
  /** Makes the object of the parts, unless there is one already. */
  complete(subject: Subject, request: CompleteRequest, options: CallOptions): Promise<Completion>;
  /** Ends an open upload and frees its parts; done also if it is not open. It never touches an object. */
  abort(subject: Subject, uploadId: string, options: CallOptions): Promise<void>;
};
