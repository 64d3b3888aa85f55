import type { ProblemCode } from '../../core/contract/problems.ts';
import type { RouteName } from '../../core/contract/routes.ts';

/** What a route answers when all is well. `schema` names a component; `any` is any JSON; `null` is no body. */
type Success = {
  readonly status: 200 | 201 | 202 | 204 | 307;
  readonly description: string;
  readonly schema: string | null;
};

type Operation = {
  readonly summary: string;
  readonly success: readonly Success[];
  readonly codes: readonly ProblemCode[];
};

const token: readonly ProblemCode[] = [
  'token_missing',
  'token_malformed',
  'token_untrusted',
  'token_type',
  'token_expired',
  'token_not_yet_valid',
  'token_too_old',
  'token_revoked',
  'audience_mismatch',
  'claims_invalid',
];
/** Every route refuses an unknown query parameter, and none works on a faulty configuration. */
const atAnyRoute: readonly ProblemCode[] = ['request_invalid', 'internal', 'configuration'];
const withToken: readonly ProblemCode[] = [...token, 'registry_unavailable', ...atAnyRoute];
const known: readonly ProblemCode[] = [...withToken, 'permission_missing'];
const withId: readonly ProblemCode[] = [...known, 'upload_not_found'];
const atOrigin: readonly ProblemCode[] = ['throttled', 'upstream_unavailable'];
const ofOwnUpload: readonly ProblemCode[] = [...withId, ...atOrigin, 'wrong_region'];
const withJson: readonly ProblemCode[] = ['body_not_json', 'body_too_large', 'media_type'];
const ended: readonly ProblemCode[] = ['upload_expired', 'upload_aborted', 'upload_deleted', 'upload_rejected'];
const grant: readonly ProblemCode[] = [
  ...withJson,
  'method_unavailable',
  'metadata_too_large',
  'size_not_allowed',
  'type_not_allowed',
  'region_not_allowed',
];

const record: Success = { status: 200, description: 'The record.', schema: 'UploadRecord' };
const nothing: Success = { status: 204, description: 'Done; also the second time.', schema: null };

/** Words and answers of every route. */
export const operations: Readonly<Record<RouteName, Operation>> = {
  createUpload: {
    summary: 'Ask for permission to upload',
    success: [
      {
        status: 201,
        description: 'Permission, with a presigned URL of the nearest allowed Region.',
        schema: 'CreatedUpload',
      },
    ],
    codes: [...known, ...grant, 'idempotency_key_invalid', 'region_unavailable', 'upstream_unavailable'],
  },
  renewUpload: {
    summary: 'Ask for a fresh URL for the same upload',
    success: [{ status: 200, description: 'The same id with fresh URLs.', schema: 'CreatedUpload' }],
    codes: [...withId, ...grant, 'grant_mismatch', 'upload_ended', 'upstream_unavailable'],
  },
  signParts: {
    summary: 'Ask for the URLs of parts',
    success: [{ status: 200, description: 'One grant for each part.', schema: 'SignedParts' }],
    codes: [...withId, ...withJson, 'method_unavailable', 'size_not_allowed', 'region_not_allowed', 'part_mismatch'],
  },
  listParts: {
    summary: 'What S3 has of a multipart upload',
    success: [{ status: 200, description: 'Parts, missing numbers, wrong numbers.', schema: 'PartList' }],
    codes: [...ofOwnUpload, ...ended, 'method_unavailable', 'region_not_allowed', 'already_complete', 'upload_ended'],
  },
  finalizeUpload: {
    summary: 'Complete, verify and record an upload',
    success: [
      record,
      { status: 202, description: 'Still completing; ask again after Retry-After.', schema: 'UploadRecord' },
    ],
    codes: [
      ...ofOwnUpload,
      ...withJson,
      ...ended,
      'region_not_allowed',
      'bytes_missing',
      'parts_missing',
      'part_mismatch',
      'content_mismatch',
      'upload_ended',
    ],
  },
  abortUpload: {
    summary: 'End an unfinished upload',
    success: [nothing],
    codes: [...ofOwnUpload, 'already_complete', 'region_not_allowed'],
  },
  getUpload: {
    summary: 'Read a record, with a download link when UPLOADED',
    success: [{ status: 200, description: 'The record.', schema: 'UploadRecordWithDownload' }],
    codes: [...ofOwnUpload, 'upload_deleted'],
  },
  getContent: {
    summary: 'Be redirected to the bytes',
    success: [{ status: 307, description: 'The signed download.', schema: null }],
    codes: [...ofOwnUpload, ...ended, 'bytes_missing'],
  },
  listUploads: {
    summary: 'List own uploads of all Regions, newest first',
    success: [{ status: 200, description: 'One page; Regions that did not answer are named.', schema: 'UploadPage' }],
    codes: [...known, ...atOrigin, 'cursor_invalid', 'region_not_allowed'],
  },
  deleteUpload: {
    summary: 'Delete a finished upload softly, or end an unfinished one',
    success: [nothing],
    codes: ofOwnUpload,
  },
  restoreUpload: {
    summary: 'Undo a soft delete',
    success: [record],
    codes: [...ofOwnUpload, 'upload_deleted'],
  },
  createDocument: {
    summary: 'Store a JSON document sent in the request itself',
    success: [
      { status: 201, description: 'Stored and recorded.', schema: 'UploadRecord' },
      { status: 202, description: 'Stored; recorded soon.', schema: 'any' },
    ],
    codes: [
      ...known,
      ...atOrigin,
      ...withJson,
      'length_required',
      'document_invalid',
      'idempotency_key_invalid',
      'size_not_allowed',
      'method_unavailable',
      'region_not_allowed',
      'region_unavailable',
    ],
  },
  whoami: {
    summary: 'What this token is and may do',
    success: [{ status: 200, description: 'Identity, permissions, limits, Regions.', schema: 'Whoami' }],
    codes: withToken,
  },
  health: {
    summary: 'Whether the edge answers',
    success: [{ status: 200, description: 'It does.', schema: 'Health' }],
    codes: atAnyRoute,
  },
  openapi: {
    summary: 'This document',
    success: [{ status: 200, description: 'OpenAPI 3.1.', schema: 'any' }],
    codes: atAnyRoute,
  },
};
