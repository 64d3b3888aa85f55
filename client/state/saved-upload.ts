import * as v from 'valibot';
import { CHECKSUM_MODES } from '../../core/contract/states.ts';

/** What is kept of an upload in parts so that it can go on after a crash. No URL, no token, no name of the file. */
export const SavedUpload = v.object({
  v: v.literal(1),
  id: v.string(),
  /** S3's name of the multipart upload. */
  uploadId: v.string(),
  partSize: v.number(),
  partCount: v.number(),
  partChecksum: v.picklist(CHECKSUM_MODES),
  /** ISO 8601; past it the gateway no longer knows the upload. */
  expiresAt: v.string(),
});
export type SavedUpload = v.InferOutput<typeof SavedUpload>;

/** A part that S3 has, with the checksum of what was read here: S3's base64 of CRC64NVME, or hex of SHA-256. */
export const SavedPart = v.object({
  number: v.number(),
  crc64nvme: v.nullable(v.string()),
  sha256: v.nullable(v.string()),
});
export type SavedPart = v.InferOutput<typeof SavedPart>;

/** A finished upload, remembered so that its bytes need not be sent again. */
export const SavedFinish = v.object({
  v: v.literal(1),
  id: v.string(),
  /** ISO 8601. */
  finishedAt: v.string(),
});
export type SavedFinish = v.InferOutput<typeof SavedFinish>;

/** An upload and the parts that were stored when this process or another one last knew. */
export type SavedState = { readonly upload: SavedUpload; readonly parts: readonly SavedPart[] };
