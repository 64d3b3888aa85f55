import type { StagedUpload, StageName } from './upload-states.ts';

/** What can be asked of one upload. */
export type Operation = {
  readonly name: string;
  readonly method: string;
  readonly suffix: string;
  readonly body?: (upload: StagedUpload) => object;
  /** Answered by the gate; the API has no such route. */
  readonly atEdge?: true;
};

export const OPERATIONS = [
  { name: 'get', method: 'GET', suffix: '' },
  { name: 'content', method: 'GET', suffix: '/content' },
  { name: 'list parts', method: 'GET', suffix: '/parts' },
  {
    name: 'sign parts',
    method: 'POST',
    suffix: '/parts',
    body: ({ uploadId }) => ({ uploadId, numbers: [1] }),
    atEdge: true,
  },
  { name: 'renew', method: 'POST', suffix: '/renew', body: ({ body }) => body, atEdge: true },
  { name: 'finalize', method: 'POST', suffix: '/finalize' },
  { name: 'abort', method: 'POST', suffix: '/abort' },
  { name: 'delete', method: 'DELETE', suffix: '' },
  { name: 'restore', method: 'POST', suffix: '/restore' },
] as const satisfies readonly Operation[];
export type OperationName = (typeof OPERATIONS)[number]['name'];

/** What the owner of an upload in some state is told. */
export type OwnersView = {
  /** By operation: the status, and the code of the problem or the state of the record. */
  readonly answers: Readonly<Record<OperationName, string>>;
  /** The state a list shows; `null`: it is in no list. */
  readonly listed: string | null;
  /** Operations after which it is no longer in this state. */
  readonly moved: readonly OperationName[];
};

/** The gate knows nothing of states: it signs what the id plans. */
const WHOLE = { 'list parts': '400 method_unavailable', 'sign parts': '400 method_unavailable', renew: '200 CREATED' };
const IN_PARTS = { 'list parts': '200', 'sign parts': '200', renew: '200 CREATED' };

/** The contract, written out. */
export const OWNERS_VIEW: Readonly<Record<StageName, OwnersView>> = {
  'without a record, without bytes': {
    answers: {
      ...WHOLE,
      get: '200 CREATED',
      content: '409 bytes_missing',
      finalize: '409 bytes_missing',
      abort: '204',
      delete: '204',
      restore: '200 CREATED',
    },
    listed: null,
    moved: ['abort', 'delete'],
  },
  'without a record, with bytes': {
    answers: {
      ...WHOLE,
      get: '200 RECEIVED',
      content: '409 bytes_missing',
      finalize: '200 UPLOADED',
      abort: '409 already_complete',
      delete: '204',
      restore: '200 RECEIVED',
    },
    listed: null,
    moved: ['finalize', 'abort', 'delete'],
  },
  CREATED: {
    answers: {
      ...WHOLE,
      get: '200 CREATED',
      content: '409 bytes_missing',
      finalize: '409 bytes_missing',
      abort: '204',
      delete: '204',
      restore: '200 CREATED',
    },
    listed: 'CREATED',
    moved: ['abort', 'delete'],
  },
  'CREATED, with a part': {
    answers: {
      ...IN_PARTS,
      get: '200 CREATED',
      content: '409 bytes_missing',
      finalize: '409 parts_missing',
      abort: '204',
      delete: '204',
      restore: '200 CREATED',
    },
    listed: 'CREATED',
    moved: ['finalize', 'abort', 'delete'],
  },
  COMPLETING: {
    answers: {
      ...IN_PARTS,
      get: '200 COMPLETING',
      content: '409 bytes_missing',
      finalize: '202 COMPLETING',
      abort: '503 upstream_unavailable',
      delete: '503 upstream_unavailable',
      restore: '200 COMPLETING',
    },
    listed: 'COMPLETING',
    moved: [],
  },
  RECEIVED: {
    answers: {
      ...WHOLE,
      get: '200 RECEIVED',
      content: '409 bytes_missing',
      finalize: '200 UPLOADED',
      abort: '409 already_complete',
      delete: '204',
      restore: '200 RECEIVED',
    },
    listed: 'RECEIVED',
    moved: ['finalize', 'delete'],
  },
  UPLOADED: {
    answers: {
      ...WHOLE,
      get: '200 UPLOADED',
      content: '307',
      finalize: '200 UPLOADED',
      abort: '409 already_complete',
      delete: '204',
      restore: '200 UPLOADED',
    },
    listed: 'UPLOADED',
    moved: ['delete'],
  },
  REJECTED: {
    answers: {
      ...WHOLE,
      get: '200 REJECTED',
      content: '422 upload_rejected',
      finalize: '422 upload_rejected',
      abort: '204',
      delete: '204',
      restore: '200 REJECTED',
    },
    listed: 'REJECTED',
    moved: [],
  },
  ABORTED: {
    answers: {
      ...WHOLE,
      get: '200 ABORTED',
      content: '410 upload_aborted',
      finalize: '410 upload_aborted',
      abort: '204',
      delete: '204',
      restore: '200 ABORTED',
    },
    listed: 'ABORTED',
    moved: [],
  },
  EXPIRED: {
    answers: {
      ...WHOLE,
      get: '200 EXPIRED',
      content: '410 upload_expired',
      finalize: '410 upload_expired',
      abort: '204',
      delete: '204',
      restore: '200 EXPIRED',
    },
    listed: 'EXPIRED',
    moved: [],
  },
  DELETED: {
    answers: {
      ...WHOLE,
      get: '200 DELETED',
      content: '410 upload_deleted',
      finalize: '410 upload_deleted',
      abort: '204',
      delete: '204',
      restore: '200 UPLOADED',
    },
    listed: 'DELETED',
    moved: ['restore'],
  },
  purged: {
    answers: {
      ...WHOLE,
      get: '410 upload_deleted',
      content: '410 upload_deleted',
      finalize: '410 upload_deleted',
      abort: '204',
      delete: '204',
      restore: '410 upload_deleted',
    },
    listed: null,
    moved: [],
  },
};
