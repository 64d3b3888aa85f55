import * as v from 'valibot';
import { Crc64Base64, S3UploadId } from '../../core/contract/schemas.ts';
import { objectKey, parseObjectKey } from '../../core/objects/object-key.ts';
import { ClaimSealSchema } from '../complete/claim-seal.ts';
import type { Subject } from '../record/facts.ts';

/** A finalize that takes longer than a request may: the API hands it to the worker, with the lease it holds. */
const WorkMessageSchema = v.strictObject({
  v: v.literal(1),
  type: v.literal('upload.finish'),
  /** The object's key: it says whose upload it is and which. */
  key: v.string(),
  /** Name of the lease. */
  token: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  finalizer: v.strictObject({ tenant: v.nullable(v.string()), subject: v.string() }),
  /** What the client said of the upload, its content and its parts. */
  uploadId: v.nullable(S3UploadId),
  crc64nvme: v.nullable(Crc64Base64),
  parts: v.nullable(ClaimSealSchema),
  requestId: v.string(),
});

/** A piece of work, read. */
export type Work = Omit<v.InferOutput<typeof WorkMessageSchema>, 'v' | 'type' | 'key'> & { readonly subject: Subject };

/** A piece of work as the body of a queue message. */
export const writeWork = ({ subject, token, finalizer, uploadId, crc64nvme, parts, requestId }: Work): string =>
  JSON.stringify({
    v: 1,
    type: 'upload.finish',
    key: objectKey(subject),
    token,
    finalizer: { tenant: finalizer.tenant, subject: finalizer.subject },
    uploadId,
    crc64nvme,
    parts,
    requestId,
  } satisfies v.InferInput<typeof WorkMessageSchema>);

/** The JSON value; `undefined`, which no JSON text means, where it is none: the schema refuses that as it refuses any other value. */
const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** Reads a message back; `undefined` for whatever `writeWork` would not have written, and for another Region's upload. */
export const readWork = (body: string, region: string): Work | undefined => {
  const result = v.safeParse(WorkMessageSchema, parseJson(body));
  if (!result.success) return undefined;
  const { key, token, finalizer, uploadId, crc64nvme, parts, requestId } = result.output;
  const subject = parseObjectKey(key);
  if (subject === undefined || subject.upload.region !== region) return undefined;
  return { subject, token, finalizer, uploadId, crc64nvme, parts, requestId };
};
