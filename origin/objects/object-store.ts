import type { Seen, Subject } from '../record/facts.ts';
import type { CallOptions } from '../store/record-store.ts';

/** A link to one exact version. */
export type DownloadRequest = {
  readonly key: string;
  readonly versionId: string;
  /** Whole seconds, 1–3,600. */
  readonly ttl: number;
  /** `content-type` and `content-disposition` the answer to the link will carry. */
  readonly contentType: string;
  readonly contentDisposition: string;
};

/** The uploads bucket of one cell. Every function throws for an S3 that does not answer. */
export type ObjectStore = {
  /** One HEAD of an upload's object, compared with its grant; the latest version unless one is named. */
  head(subject: Subject, versionId: string | null, options: CallOptions): Promise<Seen>;
  /** Removes one exact version; done also if it is gone already. */
  deleteVersion(subject: Subject, versionId: string, options: CallOptions): Promise<void>;
  presignDownload(request: DownloadRequest): Promise<{ readonly url: string; readonly expiresAt: string }>;
};
