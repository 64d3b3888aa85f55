import * as v from 'valibot';
import { Sha256Hex } from './create-body.ts';
import { Text, whole } from './fields.ts';
import { PARTS_MAX, PARTS_PER_CALL_MAX } from './limits.ts';
import { S3_UPLOAD_ID } from './text.ts';

/** Number of a part, from 1. */
export const PartNumber = whole('parts', 1, PARTS_MAX);

/** S3's upload id, opaque but bounded. */
export const S3UploadId = v.pipe(
  Text,
  v.regex(new RegExp(`^${S3_UPLOAD_ID}$`), 'must be the uploadId that create answered'),
);

const PartSha256s = v.optional(
  v.pipe(
    v.array(Sha256Hex, 'must be an array'),
    v.maxLength(PARTS_PER_CALL_MAX, `must have at most ${PARTS_PER_CALL_MAX} items`),
  ),
);

/** Body of `POST …/parts` that names parts one by one. */
export const PartNumbersBody = v.strictObject({
  uploadId: S3UploadId,
  numbers: v.pipe(
    v.array(PartNumber, 'must be an array of part numbers'),
    v.minLength(1, 'must name at least one part'),
    v.maxLength(PARTS_PER_CALL_MAX, `must name at most ${PARTS_PER_CALL_MAX} parts`),
  ),
  sha256: PartSha256s,
});

/** Body of `POST …/parts` that names parts in a row. */
export const PartRangeBody = v.strictObject({
  uploadId: S3UploadId,
  from: PartNumber,
  count: whole('parts', 1, PARTS_PER_CALL_MAX),
  sha256: PartSha256s,
});
