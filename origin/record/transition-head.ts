import { absorb } from './absorb.ts';
import { blankRecord, commonOf, entered } from './enter.ts';
import type { FactOf, Seen } from './facts.ts';
import type { LivingRecord, PinnedRecord, RecordIn, StoredRecord } from './record.ts';
import { isLaterSequencer, laterSequencer } from './sequencer.ts';
import { expiresAt } from './times.ts';
import type { Transition } from './transition.ts';

type Head = FactOf<'head'>;
type Found = Extract<Seen, { readonly found: true }>;
type Open = RecordIn<'CREATED' | 'COMPLETING'>;

const stay = (record: StoredRecord | null): Transition => ({ record, effects: [] });

const remove = (record: StoredRecord, versionId: string): Transition => ({
  record,
  effects: [{ type: 'deleteVersion', versionId }],
});

const laterOf = (a: string, b: string): string => (Date.parse(a) >= Date.parse(b) ? a : b);

const learn = <Record extends LivingRecord>(record: Record, fact: Head, seen: Found): Record =>
  absorb(record, {
    grant: seen.granted?.grant ?? null,
    createdAt: seen.granted?.createdAt,
    creator: fact.finalizer === null ? null : { ...fact.finalizer, since: null },
  });

/** A version under a delete marker that was heard of before the version itself. */
const isUnderMarker = (record: Open, fact: Head): boolean =>
  fact.asked !== null &&
  fact.sequencer !== null &&
  record.removedSequencer !== null &&
  isLaterSequencer(record.removedSequencer, fact.sequencer);

const receive = (open: Open, fact: Head, seen: Found): LivingRecord => {
  const record = learn(open, fact, seen);
  const common = commonOf(record);
  const { pin } = seen;
  const receivedAt = laterOf(pin.lastModified, record.createdAt);
  if (seen.rejected !== null) {
    return entered({ ...common, state: 'REJECTED', pin, receivedAt, rejected: { ...seen.rejected } }, fact);
  }
  if (isUnderMarker(open, fact)) {
    return entered({ ...common, state: 'DELETED', pin, receivedAt, uploadedAt: null, deletedAt: fact.at }, fact);
  }
  return fact.final
    ? entered({ ...common, state: 'UPLOADED', pin, receivedAt, uploadedAt: fact.at }, fact)
    : entered({ ...common, state: 'RECEIVED', pin, receivedAt }, fact);
};

/** The version a record already stands for, seen again. */
const confirm = (record: PinnedRecord, fact: Head, seen: Found): Transition => {
  if (record.state !== 'RECEIVED') return stay(record);
  const common = commonOf(learn(record, fact, seen));
  const { pin, receivedAt } = record;
  if (seen.rejected !== null) {
    return stay(entered({ ...common, state: 'REJECTED', pin, receivedAt, rejected: { ...seen.rejected } }, fact));
  }
  if (!fact.final) return stay(record);
  return stay(entered({ ...common, state: 'UPLOADED', pin, receivedAt, uploadedAt: fact.at }, fact));
};

const seeFound = (record: StoredRecord | null, fact: Head, seen: Found): Transition => {
  switch (record?.state) {
    case undefined:
      return stay(receive(blankRecord(fact), fact, seen));
    case 'CREATED':
    case 'COMPLETING': {
      // Bytes that came after the upload's life are not taken: an expired upload is never revived.
      const late = Date.parse(seen.pin.lastModified) > Date.parse(expiresAt(record));
      return late ? remove(record, seen.pin.versionId) : stay(receive(record, fact, seen));
    }
    case 'RECEIVED':
    case 'UPLOADED':
    case 'REJECTED':
    case 'DELETED':
      return seen.pin.versionId === record.pin.versionId
        ? confirm(record, fact, seen)
        : remove(record, seen.pin.versionId);
    case 'ABORTED':
    case 'PURGED':
      return remove(record, seen.pin.versionId);
  }
};

const isNewMarker = (record: RecordIn<'RECEIVED' | 'UPLOADED'>, fact: Head): boolean =>
  fact.sequencer === null ||
  record.removedSequencer === null ||
  isLaterSequencer(fact.sequencer, record.removedSequencer);

const hide = (record: RecordIn<'RECEIVED' | 'UPLOADED'>, fact: Head): LivingRecord => {
  const { pin, receivedAt } = record;
  const uploadedAt = record.state === 'UPLOADED' ? record.uploadedAt : null;
  const removedSequencer = laterSequencer(record.removedSequencer, fact.sequencer);
  const common = { ...commonOf(record), removedSequencer };
  return entered({ ...common, state: 'DELETED', pin, receivedAt, uploadedAt, deletedAt: fact.at }, fact);
};

/**
 * Only an exact version that is gone stays gone; that the latest was missing may be old news by now. So a 404 by key alone never ends an
 * upload, but for a delete marker, which somebody must have put there.
 */
const seeMissing = (record: StoredRecord | null, fact: Head, deleteMarker: boolean): Transition => {
  switch (record?.state) {
    case 'COMPLETING':
      return record.lease.until <= fact.at
        ? stay(entered({ ...commonOf(record), state: 'CREATED' }, fact))
        : stay(record);
    case 'RECEIVED':
    case 'UPLOADED':
    case 'DELETED':
      if (fact.asked === record.pin.versionId) {
        return stay({ state: 'PURGED', id: record.id, ownerKey: record.ownerKey, version: record.version });
      }
      if (record.state !== 'DELETED' && fact.asked === null && deleteMarker && isNewMarker(record, fact)) {
        return stay(hide(record, fact));
      }
      return stay(record);
    default:
      return stay(record);
  }
};

/** What one HEAD does to a record; the only way to RECEIVED, UPLOADED and REJECTED. */
export const seeHead = (record: StoredRecord | null, fact: Head): Transition =>
  fact.seen.found ? seeFound(record, fact, fact.seen) : seeMissing(record, fact, fact.seen.deleteMarker);
