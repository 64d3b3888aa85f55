import * as v from 'valibot';
import { Sha256Hex, Size } from './create-body.ts';
import { Text } from './fields.ts';
import { PARTS_MAX } from './limits.ts';
import { PartNumber, PartNumbersBody, PartRangeBody, S3UploadId } from './parts-body.ts';

export * from './create-body.ts';
export * from './parse-request.ts';
export * from './parts-body.ts';

/** S3's base64 of the eight bytes of a CRC64NVME. */
export const Crc64Base64 = v.pipe(Text, v.regex(/^[A-Za-z0-9+/]{11}=$/, 'must be the 12 base64 characters S3 shows'));

/** Body of `POST …/parts`. */
export const PartsBody = v.union(
  [PartNumbersBody, PartRangeBody],
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
          etag: v.optional(v.pipe(Text, v.maxLength(128, 'must have at most 128 characters'))),
          sha256: v.optional(Sha256Hex),
        }),
        'must be an array',
      ),
      v.maxLength(PARTS_MAX, `must have at most ${PARTS_MAX} items`),
    ),
  ),
});
export type FinalizeBody = v.InferOutput<typeof FinalizeBody>;
