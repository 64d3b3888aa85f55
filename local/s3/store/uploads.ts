import { randomBytes } from 'node:crypto';
import { fault } from '../errors.ts';
import type { ObjectVersion, Part, Upload, Version } from './records.ts';
import type { BucketState, UploadState } from './state.ts';
import type { Store } from './store.ts';
import { type ObjectDraft, putVersion, type WriteTarget } from './write.ts';

/** Length of an upload id; S3's own are about as long. */
const UPLOAD_ID_LENGTH = 128;

/** An open upload with the bucket it is in. */
export interface OpenUpload {
  readonly bucket: BucketState;
  readonly state: UploadState;
}

/** Begins a multipart upload: from here on parts may come. */
export async function beginUpload(
  target: WriteTarget,
  draft: Omit<Upload, 'id' | 'key' | 'sequencer'>,
): Promise<Upload> {
  const { store, bucket, key } = target;
  const sequencer = store.nextSequencer();
  const upload: Upload = { id: newUploadId(sequencer), key, sequencer, ...draft };
  await store.commit([{ op: 'upload', bucket, upload }]);
  return upload;
}

/** The open upload of this key; NoSuchUpload when there is none, or no more. */
export function findUpload(store: Store, bucketName: string, key: string, uploadId: string): OpenUpload {
  const bucket = store.state.buckets.get(bucketName);
  if (!bucket) throw fault('NoSuchBucket', { details: { BucketName: bucketName } });
  const state = bucket.uploads.get(uploadId);
  if (state?.upload.key !== key) throw noSuchUpload(uploadId);
  return { bucket, state };
}

/** A received part takes its place, or that of an earlier one with its number, unless the upload has ended meanwhile. */
export function putPart(store: Store, bucketName: string, { state }: OpenUpload, part: Part): Promise<void> {
  return state.lock.shared(async () => {
    requireOpen(store, bucketName, state);
    await store.commit([{ op: 'part', bucket: bucketName, uploadId: state.upload.id, part }]);
  });
}

/**
 * Makes a version of what `assemble` gives and ends the upload, in one line of the log. No part comes or goes while
 * `assemble` looks at them; what it throws leaves the upload open.
 */
export function completeUpload(
  target: WriteTarget,
  { state }: OpenUpload,
  assemble: () => Promise<{ readonly draft: ObjectDraft; readonly unchangedSince: Seen | null }>,
): Promise<ObjectVersion> {
  return state.lock.alone(async () => {
    requireOpen(target.store, target.bucket, state);
    const { draft, unchangedSince } = await assemble();
    return putVersion(target, draft, unchangedSince, 'ObjectCreated:CompleteMultipartUpload', [
      { op: 'end-upload', bucket: target.bucket, uploadId: state.upload.id },
    ]);
  });
}

/** What a conditional write saw. */
export interface Seen {
  readonly current: Version | undefined;
}

/** Ends an upload without an object; its parts are gone. */
export function abortUpload(store: Store, bucketName: string, { state }: OpenUpload): Promise<void> {
  return state.lock.alone(async () => {
    requireOpen(store, bucketName, state);
    await store.commit([{ op: 'end-upload', bucket: bucketName, uploadId: state.upload.id }]);
  });
}

function requireOpen(store: Store, bucketName: string, state: UploadState): void {
  if (store.state.buckets.get(bucketName)?.uploads.get(state.upload.id) !== state) throw noSuchUpload(state.upload.id);
}

const noSuchUpload = (uploadId: string) => fault('NoSuchUpload', { details: { UploadId: uploadId } });

/** Begins with the sequencer: ids of later uploads are greater, as lists by `upload-id-marker` need it. */
function newUploadId(sequencer: string): string {
  const random = randomBytes(UPLOAD_ID_LENGTH).toString('base64').replaceAll('+', '.').replaceAll('/', '_');
  return (sequencer + random).slice(0, UPLOAD_ID_LENGTH);
}
