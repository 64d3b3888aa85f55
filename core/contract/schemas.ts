import * as v from 'valibot';
import { Sha256Hex, Size } from './create-body.ts';
import { PARTS_MAX, PARTS_PER_CALL_MAX } from './limits.ts';
import { S3_UPLOAD_ID } from './text.ts';

export * from './create-body.ts';
export * from './parse-request.ts';

/** S3's base64 of the eight bytes of a CRC64NVME. */
export const Crc64Base64 = v.pipe(
  v.string('must be a string'),
  v.regex(/^[A-Za-z0-9+/]{11}=$/, 'must be the 12 base64 characters S3 shows'),
);

const PartNumber = v.pipe(
  v.number('must be a number'),
  v.integer('must be a whole number'),
  v.minValue(1, 'must be at least 1'),
  v.maxValue(PARTS_MAX, `must be at most ${PARTS_MAX}`),
);

/** S3's upload id, opaque but bounded. */
export const S3UploadId = v.pipe(
  v.string('must be a string'),
  v.regex(new RegExp(`^${S3_UPLOAD_ID}$`), 'must be the uploadId that create answered'),
);

const PartSha256s = v.optional(
  v.pipe(
    v.array(Sha256Hex, 'must be an array'),
    v.maxLength(PARTS_PER_CALL_MAX, `must have at most ${PARTS_PER_CALL_MAX} items`),
  ),
);

/** Body of `POST …/parts`. */
export const PartsBody = v.union(
  [
    v.strictObject({
      uploadId: S3UploadId,
      numbers: v.pipe(v.array(PartNumber), v.minLength(1), v.maxLength(PARTS_PER_CALL_MAX)),
      sha256: PartSha256s,
    }),
    v.strictObject({
      uploadId: S3UploadId,
      from: PartNumber,
      count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(PARTS_PER_CALL_MAX)),
      sha256: PartSha256s,
    }),
  ],
  'must be {uploadId, numbers[], sha256?[]} or {uploadId, from, count, sha256?[]}',
);

/** Body of finalize: claims to compare, never needed. */
export const FinalizeBody = v.strictObject({
  uploadId: v.optional(S3UploadId),
  checksum: v.optional(v.strictObject({ sha256: v.optional(Sha256Hex), crc64nvme: v.optional(Crc64Base64) })),
  parts: v.optional(
    v.pipe(
      v.array(
        v.strictObject({
          number: PartNumber,
          size: v.optional(Size),
          etag: v.optional(v.pipe(v.string('must be a string'), v.maxLength(128, 'must have at most 128 characters'))),
          sha256: v.optional(Sha256Hex),
        }),
        'must be an array',
      ),
      v.maxLength(PARTS_MAX, `must have at most ${PARTS_MAX} items`),
    ),
  ),
});
export type FinalizeBody = v.InferOutput<typeof FinalizeBody>;
