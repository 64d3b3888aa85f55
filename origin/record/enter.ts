import { HISTORY_MAX } from '../../core/contract/limits.ts';
import type { Fact } from './facts.ts';
import type { LivingRecord, RecordIn } from './record.ts';
import { dueAfter } from './times.ts';

/** A new record that knows nothing but whose it is. */
export const blankRecord = (fact: Fact): RecordIn<'CREATED'> => ({
  state: 'CREATED',
  id: fact.of.id,
  issuer: fact.of.issuerId,
  ownerKey: fact.of.ownerKey,
  grant: null,
  creator: null,
  createdAt: fact.at,
  uploadId: null,
  removedSequencer: null,
  dueAt: null,
  history: [],
  version: 0,
});

/** The facts that every state keeps. */
export const commonOf = (record: LivingRecord) => {
  const { id, issuer, ownerKey, grant, creator, createdAt, uploadId, removedSequencer, dueAt, history, version } =
    record;
  return { id, issuer, ownerKey, grant, creator, createdAt, uploadId, removedSequencer, dueAt, history, version };
};

/** Notes in a record that it entered its state because of a fact, and when the reconciler must look at it. */
export const entered = <Entered extends LivingRecord>(record: Entered, fact: Fact): Entered => ({
  ...record,
  dueAt: dueAfter(record, fact.at),
  history: [...record.history, { at: fact.at, state: record.state, fact: fact.type }].slice(-HISTORY_MAX),
});
