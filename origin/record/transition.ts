import { absorb } from './absorb.ts';
import { blankRecord, commonOf, entered } from './enter.ts';
import type { Effect, Fact, FactOf, FactType } from './facts.ts';
import type { StoredRecord } from './record.ts';
import { isLaterSequencer, laterSequencer } from './sequencer.ts';
import { isPastLife, isRestorable } from './times.ts';
import { seeHead } from './transition-head.ts';

/** What follows from a fact. `record` is the very same object when nothing changed, so nothing needs to be written. */
export type Transition = { readonly record: StoredRecord | null; readonly effects: readonly Effect[] };

type Step<Type extends FactType> = (record: StoredRecord | null, fact: FactOf<Type>) => Transition;

const stay = (record: StoredRecord | null, ...effects: Effect[]): Transition => ({ record, effects });

const hearCreated: Step<'created'> = (record, fact) => {
  if (record?.state === 'PURGED') return stay(record);
  const learnt = {
    grant: fact.grant,
    creator: { ...fact.creator, since: fact.createdAt },
    createdAt: fact.createdAt,
    uploadId: fact.uploadId,
  };
  return stay(record === null ? entered(absorb(blankRecord(fact), learnt), fact) : absorb(record, learnt));
};

const hearObject: Step<'objectCreated'> = (record, fact) => {
  const { versionId, sequencer } = fact;
  switch (record?.state) {
    case undefined:
    case 'CREATED':
    case 'COMPLETING':
      return stay(record, { type: 'head', versionId, sequencer });
    case 'RECEIVED':
    case 'UPLOADED':
    case 'REJECTED':
    case 'DELETED':
      if (versionId === null || versionId === record.pin.versionId) return stay(record);
      return stay(record, { type: 'deleteVersion', versionId });
    case 'ABORTED':
    case 'PURGED':
      return versionId === null ? stay(record) : stay(record, { type: 'deleteVersion', versionId });
  }
};

const hearMarker = (record: StoredRecord | null, fact: FactOf<'objectRemoved'>): Transition => {
  if (record === null) {
    return stay(entered({ ...blankRecord(fact), removedSequencer: fact.sequencer }, fact));
  }
  if (record.state === 'PURGED' || record.state === 'ABORTED' || record.state === 'REJECTED') return stay(record);
  const { removedSequencer } = record;
  const stale =
    fact.sequencer === null || (removedSequencer !== null && !isLaterSequencer(fact.sequencer, removedSequencer));
  if (stale) return stay(record);
  if (record.state === 'RECEIVED' || record.state === 'UPLOADED') {
    return stay(record, { type: 'head', versionId: null, sequencer: fact.sequencer });
  }
  return stay({ ...record, removedSequencer: laterSequencer(removedSequencer, fact.sequencer) });
};

const hearRemoval: Step<'objectRemoved'> = (record, fact) => {
  if (fact.marker) return hearMarker(record, fact);
  if (record === null || !('pin' in record) || fact.versionId !== record.pin.versionId) return stay(record);
  return stay(record, { type: 'head', versionId: fact.versionId, sequencer: fact.sequencer });
};

const takeLease: Step<'leaseTaken'> = (record, fact) => {
  const lease = { token: fact.token, until: fact.until };
  const uploadId = fact.uploadId ?? (record !== null && 'uploadId' in record ? record.uploadId : null);
  switch (record?.state) {
    case undefined:
      return stay(entered({ ...blankRecord(fact), uploadId, state: 'COMPLETING', lease }, fact));
    case 'CREATED':
      if (isPastLife(record, fact.at)) return stay(record);
      return stay(entered({ ...commonOf(record), uploadId, state: 'COMPLETING', lease }, fact));
    case 'COMPLETING': {
      const { token, until } = record.lease;
      if (token === fact.token && until === fact.until && record.uploadId === uploadId) return stay(record);
      if (token !== fact.token && until > fact.at) return stay(record);
      return stay(entered({ ...record, uploadId, lease }, fact));
    }
    default:
      return stay(record);
  }
};

const giveBackLease: Step<'completeFailed'> = (record, fact) =>
  record?.state === 'COMPLETING' && record.lease.token === fact.token
    ? stay(entered({ ...commonOf(record), state: 'CREATED' }, fact))
    : stay(record);

const abort: Step<'abort'> = (record, fact) => {
  if (record === null) return stay(entered({ ...blankRecord(fact), state: 'ABORTED' }, fact));
  const leased = record.state === 'COMPLETING' && record.lease.until > fact.at;
  if ((record.state !== 'CREATED' && record.state !== 'COMPLETING') || leased || isPastLife(record, fact.at)) {
    return stay(record);
  }
  return stay(entered({ ...commonOf(record), state: 'ABORTED' }, fact));
};

const softDelete: Step<'delete'> = (record, fact) => {
  if (record?.state !== 'RECEIVED' && record?.state !== 'UPLOADED') return stay(record);
  const uploadedAt = record.state === 'UPLOADED' ? record.uploadedAt : null;
  const { pin, receivedAt } = record;
  return stay(
    entered({ ...commonOf(record), state: 'DELETED', pin, receivedAt, uploadedAt, deletedAt: fact.at }, fact),
  );
};

const restore: Step<'restore'> = (record, fact) => {
  if (record?.state !== 'DELETED' || !isRestorable(record, fact.at)) return stay(record);
  const { pin, receivedAt, uploadedAt } = record;
  const common = commonOf(record);
  return stay(
    uploadedAt === null
      ? entered({ ...common, state: 'RECEIVED', pin, receivedAt }, fact)
      : entered({ ...common, state: 'UPLOADED', pin, receivedAt, uploadedAt }, fact),
  );
};

const purge: Step<'purged'> = (record, fact) => {
  if (record?.state !== 'DELETED' || isRestorable(record, fact.at)) return stay(record);
  return stay({ state: 'PURGED', id: record.id, ownerKey: record.ownerKey, version: record.version });
};

const look: Step<'looked'> = (record, fact) => {
  if (record === null || record.state === 'PURGED' || record.dueAt === fact.next) return stay(record);
  return stay({ ...record, dueAt: fact.next });
};

/**
 * The next record and its effects. Pure and total: any record, or none, with any fact. It tolerates loss, repetition and any order; it
 * never regresses (but for a given-back lease and a restore) and never revives an ended upload.
 */
export const transition = (record: StoredRecord | null, fact: Fact): Transition => {
  switch (fact.type) {
    case 'created':
      return hearCreated(record, fact);
    case 'objectCreated':
      return hearObject(record, fact);
    case 'objectRemoved':
      return hearRemoval(record, fact);
    case 'head':
      return seeHead(record, fact);
    case 'leaseTaken':
      return takeLease(record, fact);
    case 'completeFailed':
      return giveBackLease(record, fact);
    case 'abort':
      return abort(record, fact);
    case 'delete':
      return softDelete(record, fact);
    case 'restore':
      return restore(record, fact);
    case 'purged':
      return purge(record, fact);
    case 'looked':
      return look(record, fact);
  }
};
