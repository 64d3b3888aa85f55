import * as v from 'valibot';
import { KINDS, PERMISSIONS, REGION_REASONS, STATES } from './states.ts';

/** ISO 8601 UTC with milliseconds. */
const Time = v.pipe(v.string(), v.isoTimestamp());
const Text = v.string();
const StringMap = v.record(v.string(), v.string());

/** A short-lived link to the bytes. */
export const Download = v.object({ url: Text, expiresAt: Time });
export type Download = v.InferOutput<typeof Download>;

/** Why bytes that arrived were not taken. */
export const Rejection = v.object({ code: Text, detail: Text });
export type Rejection = v.InferOutput<typeof Rejection>;

/** The record of an upload, as every route shows it. Absent facts are `null`. */
export const UploadRecord = v.object({
  id: Text,
  kind: v.picklist(KINDS),
  state: v.picklist(STATES),
  region: Text,
  name: v.nullable(Text),
  size: v.nullable(v.number()),
  type: v.nullable(Text),
  sha256: v.nullable(Text),
  checksums: StringMap,
  etag: v.nullable(Text),
  versionId: v.nullable(Text),
  metadata: StringMap,
  issuer: v.nullable(Text),
  tenant: v.nullable(Text),
  subject: v.nullable(Text),
  createdAt: v.nullable(Time),
  receivedAt: v.nullable(Time),
  uploadedAt: v.nullable(Time),
  deletedAt: v.nullable(Time),
  expiresAt: v.nullable(Time),
  rejected: v.nullable(Rejection),
});
export type UploadRecord = v.InferOutput<typeof UploadRecord>;

/** What GET `/v1/uploads/{id}` answers: the record and, when UPLOADED, a link. */
export const UploadRecordWithDownload = v.object({ ...UploadRecord.entries, download: v.nullable(Download) });
export type UploadRecordWithDownload = v.InferOutput<typeof UploadRecordWithDownload>;

/** One page of a list. */
export const UploadPage = v.object({
  items: v.array(UploadRecord),
  nextCursor: v.nullable(Text),
  /** Codes of Regions that did not answer. */
  unavailable: v.array(Text),
});
export type UploadPage = v.InferOutput<typeof UploadPage>;

/** Permission to PUT: send exactly these headers and exactly the declared bytes. */
export const PutGrant = v.object({ method: v.literal('PUT'), url: Text, headers: StringMap, expiresAt: Time });
export type PutGrant = v.InferOutput<typeof PutGrant>;

/** Permission to POST from a form: the fields first, the file last. */
export const FormGrant = v.object({ url: Text, fields: StringMap, expiresAt: Time });
export type FormGrant = v.InferOutput<typeof FormGrant>;

/** Permission to PUT one part. */
export const PartGrant = v.object({
  number: v.number(),
  size: v.number(),
  url: Text,
  headers: StringMap,
  expiresAt: Time,
});
export type PartGrant = v.InferOutput<typeof PartGrant>;

/** Permission to upload in parts. */
export const MultipartGrant = v.object({
  uploadId: Text,
  partSize: v.number(),
  partCount: v.number(),
  parts: v.array(PartGrant),
});
export type MultipartGrant = v.InferOutput<typeof MultipartGrant>;

/** What signing parts answers. */
export const SignedParts = v.object({ uploadId: Text, parts: v.array(PartGrant) });
export type SignedParts = v.InferOutput<typeof SignedParts>;

/** One part as S3 has it. */
export const StoredPart = v.object({
  number: v.number(),
  size: v.number(),
  etag: Text,
  /** 64 lower-case hex digits; `null` where the upload asks for none. */
  sha256: v.nullable(Text),
});
export type StoredPart = v.InferOutput<typeof StoredPart>;

/** What GET `/v1/uploads/{id}/parts` answers: what S3 has, seen against the plan. */
export const PartList = v.object({
  uploadId: Text,
  partSize: v.number(),
  partCount: v.number(),
  parts: v.array(StoredPart),
  /** Planned numbers S3 has nothing of. */
  missing: v.array(v.number()),
  /** Held numbers of another size than planned, or beyond the plan. */
  wrong: v.array(v.number()),
});
export type PartList = v.InferOutput<typeof PartList>;

/** What create and renew answer. One of `put`, `form`, `multipart` is present. */
export const CreatedUpload = v.object({
  id: Text,
  kind: v.picklist(['put', 'form', 'multipart']),
  state: v.literal('CREATED'),
  region: Text,
  regionReason: v.picklist(REGION_REASONS),
  createdAt: Time,
  expiresAt: Time,
  put: v.optional(PutGrant),
  form: v.optional(FormGrant),
  multipart: v.optional(MultipartGrant),
});
export type CreatedUpload = v.InferOutput<typeof CreatedUpload>;

/** What whoami answers. */
export const Whoami = v.object({
  issuer: Text,
  tenant: v.nullable(Text),
  subject: Text,
  permissions: v.array(v.picklist(PERMISSIONS)),
  limits: v.object({ minBytes: v.number(), maxBytes: v.number(), types: v.array(Text), urlTtlSeconds: v.number() }),
  regions: v.array(Text),
  nearest: v.nullable(Text),
  regionReason: v.nullable(v.picklist(REGION_REASONS)),
  tokenExpiresAt: Time,
});
export type Whoami = v.InferOutput<typeof Whoami>;

/** What health answers. */
export const Health = v.object({ status: v.literal('ok'), version: Text });
export type Health = v.InferOutput<typeof Health>;
