import { parseId } from '../../core/contract/ids.ts';
import type { UploadRecord } from '../../core/contract/records.ts';
import type { State } from '../../core/contract/states.ts';
import type { LivingRecord } from './record.ts';
import { expiresAt, isPastLife } from './times.ts';

/** The state a caller sees: an unfinished upload past its life is EXPIRED. */
export const shownState = (record: LivingRecord, at: string): State =>
  isPastLife(record, at) ? 'EXPIRED' : record.state;

/** The record as every route shows it, at a time. */
export const presentRecord = (record: LivingRecord, at: string): UploadRecord => {
  const plan = parseId(record.id);
  if (plan === undefined) throw new Error('a stored record has an id that is none');
  const pin = 'pin' in record ? record.pin : null;
  return {
    id: record.id,
    kind: plan.kind,
    state: shownState(record, at),
    region: plan.region,
    name: record.grant?.name ?? null,
    size: plan.size,
    type: record.grant?.type ?? null,
    sha256: record.grant?.sha256 ?? null,
    checksums: pin?.checksums ?? {},
    etag: pin?.etag ?? null,
    versionId: pin?.versionId ?? null,
    metadata: record.grant?.metadata ?? {},
    issuer: record.issuer,
    tenant: record.creator?.tenant ?? null,
    subject: record.creator?.subject ?? null,
    createdAt: record.createdAt,
    receivedAt: 'receivedAt' in record ? record.receivedAt : null,
    uploadedAt: 'uploadedAt' in record ? record.uploadedAt : null,
    deletedAt: record.state === 'DELETED' ? record.deletedAt : null,
    expiresAt: expiresAt(record),
    rejected: record.state === 'REJECTED' ? record.rejected : null,
  };
};

/** What is known of an own upload of which there is neither record nor object: what its id says, and who asks. */
export const presentUnknown = (
  id: string,
  caller: { readonly issuerId: string; readonly tenant: string | null; readonly subject: string },
): UploadRecord => {
  const plan = parseId(id);
  if (plan === undefined) throw new Error('an id that is none was to be presented');
  return {
    id,
    kind: plan.kind,
    state: 'CREATED',
    region: plan.region,
    name: null,
    size: plan.size,
    type: null,
    sha256: null,
    checksums: {},
    etag: null,
    versionId: null,
    metadata: {},
    issuer: caller.issuerId,
    tenant: caller.tenant,
    subject: caller.subject,
    createdAt: null,
    receivedAt: null,
    uploadedAt: null,
    deletedAt: null,
    expiresAt: null,
    rejected: null,
  };
};
