import type { OpenUpload, PartStore } from '../objects/part-store.ts';
import type { Subject } from '../record/facts.ts';
import type { CallOptions } from '../store/record-store.ts';

/** Ends every one of these open uploads; throws if one could not be ended. It never touches an object. */
export const abortUploads = async (
  parts: PartStore,
  subject: Subject,
  open: readonly OpenUpload[],
  options: CallOptions,
): Promise<void> => {
  await Promise.all(open.map(({ uploadId }) => parts.abort(subject, uploadId, options)));
};

/** Ends whatever S3 still has open for the key of an upload that is over, and the one its record names. */
export const abortAll = async (parts: PartStore, subject: Subject, options: CallOptions): Promise<void> =>
  abortUploads(parts, subject, await parts.listUploads(subject, options), options);
