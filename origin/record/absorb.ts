import type { Creator, Grant, LivingRecord } from './record.ts';

const before = (a: string, b: string): boolean => Date.parse(a) < Date.parse(b);

const isSame = (a: Creator, b: Creator): boolean => a.tenant === b.tenant && a.subject === b.subject;

/**
 * The earliest event names the creator; a finalize only until an event names another. Ties go to the lesser subject, so order never
 * matters. An event that only repeats what a finalize said changes nothing, so it costs no write.
 */
const chooseCreator = (known: Creator | null, heard: Creator): Creator => {
  if (known === null) return heard;
  if (known.since === null && isSame(known, heard)) return known;
  if (heard.since === null) return known;
  if (known.since === null || before(heard.since, known.since)) return heard;
  if (before(known.since, heard.since)) return known;
  return heard.subject < known.subject ? heard : known;
};

/** What can be learnt about an upload without changing its state. */
export type Learnt = {
  readonly grant?: Grant | null;
  readonly creator?: Creator | null;
  readonly createdAt?: string | undefined;
  readonly uploadId?: string | null;
};

/** Adds what a fact teaches; returns the very same record when it teaches nothing new. */
export const absorb = <Record extends LivingRecord>(record: Record, learnt: Learnt): Record => {
  const grant = record.grant ?? learnt.grant ?? null;
  const heard = learnt.creator ?? null;
  const creator = heard === null ? record.creator : chooseCreator(record.creator, heard);
  const createdAt =
    learnt.createdAt !== undefined && before(learnt.createdAt, record.createdAt) ? learnt.createdAt : record.createdAt;
  const uploadId = record.uploadId ?? learnt.uploadId ?? null;
  const same =
    grant === record.grant &&
    creator === record.creator &&
    createdAt === record.createdAt &&
    uploadId === record.uploadId;
  return same ? record : { ...record, grant, creator, createdAt, uploadId };
};
