import { seeVersion } from '../objects/see.ts';
import type { Fact, FactOf, FactType, Seen } from '../record/facts.ts';
import type { LivingRecord, Pin, RecordIn, StoredRecord, StoredState } from '../record/record.ts';
import { grantUpload, type TestUpload } from './subjects.ts';

export const UPLOAD: TestUpload = grantUpload();

/** When most test facts are heard: ten minutes after the grant. */
export const AT = '2026-11-20T12:10:00.000Z';

/** Eight days after the grant. */
export const AFTER_LIFE = '2026-11-28T12:00:00.001Z';

export const PIN: Pin = {
  versionId: 'v1',
  etag: '"e1"',
  checksums: { crc64nvme: 'AAAAAAAAAAA=' },
  lastModified: '2026-11-20T12:00:05.000Z',
};

const COMMON = {
  id: UPLOAD.subject.id,
  issuer: 'acme',
  ownerKey: UPLOAD.subject.ownerKey,
  grant: UPLOAD.grant,
  creator: { tenant: 't1', subject: 'user', since: UPLOAD.createdAt },
  createdAt: UPLOAD.createdAt,
  uploadId: null,
  removedSequencer: null,
  dueAt: null,
  history: [],
  version: 3,
};

const RECEIVED_AT = '2026-11-20T12:00:05.000Z';
const UPLOADED_AT = '2026-11-20T12:01:00.000Z';

/** One record of each state, of the same upload, pinning `v1` where it pins. */
export const RECORDS: { readonly [State in StoredState]: RecordIn<State> } = {
  CREATED: { ...COMMON, state: 'CREATED' },
  COMPLETING: { ...COMMON, state: 'COMPLETING', lease: { token: 'mine', until: '2026-11-20T12:20:00.000Z' } },
  RECEIVED: { ...COMMON, state: 'RECEIVED', pin: PIN, receivedAt: RECEIVED_AT },
  UPLOADED: { ...COMMON, state: 'UPLOADED', pin: PIN, receivedAt: RECEIVED_AT, uploadedAt: UPLOADED_AT },
  REJECTED: {
    ...COMMON,
    state: 'REJECTED',
    pin: PIN,
    receivedAt: RECEIVED_AT,
    rejected: { code: 'size', detail: 'The object has 5 bytes, 4 were declared.' },
  },
  ABORTED: { ...COMMON, state: 'ABORTED' },
  DELETED: {
    ...COMMON,
    state: 'DELETED',
    pin: PIN,
    receivedAt: RECEIVED_AT,
    uploadedAt: UPLOADED_AT,
    deletedAt: '2026-11-20T12:05:00.000Z',
  },
  PURGED: { state: 'PURGED', id: UPLOAD.subject.id, ownerKey: UPLOAD.subject.ownerKey, version: 3 },
};

export const recordOf = (state: StoredState | 'none'): StoredRecord | null =>
  state === 'none' ? null : RECORDS[state];

/** What HEAD shows of a faithful version of the test upload. */
export const seen = (versionId = 'v1', change: Partial<TestUpload['head']> = {}): Seen =>
  seeVersion(UPLOAD.subject, { ...UPLOAD.head, versionId, ...change });

export const MISSING: Seen = { found: false, deleteMarker: false };
export const MARKED: Seen = { found: false, deleteMarker: true };

type Members<Type extends FactType> = Omit<FactOf<Type>, 'type' | 'of' | 'at'>;

/** A fact about the test upload. */
export const fact = <Type extends FactType>(type: Type, members: Members<Type>, at = AT): Fact =>
  ({ type, of: UPLOAD.subject, at, ...members }) as Fact;

export const head = (members: Partial<Members<'head'>> = {}, at = AT): Fact =>
  fact('head', { asked: null, sequencer: null, seen: seen(), final: false, finalizer: null, ...members }, at);

export const created = (createdAt = UPLOAD.createdAt, subject = 'user'): Fact =>
  fact('created', { grant: UPLOAD.grant, creator: { tenant: 't1', subject }, createdAt, uploadId: null });

export const isLiving = (record: StoredRecord | null): record is LivingRecord =>
  record !== null && record.state !== 'PURGED';
